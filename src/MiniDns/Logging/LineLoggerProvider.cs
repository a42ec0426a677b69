using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Logging;

/// <summary>Logs in CoreDNS's line format, <c>[INFO] plugin/hosts: …</c>, without making anybody wait for the terminal.</summary>
/// <param name="writer">Takes the lines.</param>
/// <param name="debug">Whether debugging output is wanted.</param>
/// <param name="isJournal">Whether lines begin with their priority, <c>&lt;4&gt;</c>, as systemd's journal takes them.</param>
internal sealed class LineLoggerProvider(ILineWriter writer, DebugSwitch debug, bool isJournal = false) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, writer, debug, isJournal);

    public void Dispose()
    {
    }
}
