using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Logging;

/// <summary>Logs in CoreDNS's line format, <c>[INFO] plugin/hosts: …</c>, without making anybody wait for the terminal.</summary>
internal sealed class LineLoggerProvider(ILineWriter writer, DebugSwitch debug) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName, writer, debug);

    public void Dispose()
    {
    }
}
