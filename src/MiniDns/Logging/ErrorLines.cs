using System.Text;
using MiniDns.Diagnostics;

namespace MiniDns.Logging;

/// <summary>Writes lines to standard error at once, for commands whose output is something else.</summary>
internal sealed class ErrorLines : ILineWriter
{
    /// <inheritdoc/>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        Console.Error.WriteLine(Encoding.UTF8.GetString(line));
        return true;
    }
}
