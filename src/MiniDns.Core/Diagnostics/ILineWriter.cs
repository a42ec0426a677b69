namespace MiniDns.Diagnostics;

/// <summary>Takes whole lines of output without ever making the caller wait.</summary>
public interface ILineWriter
{
    /// <summary>Hands over one line.</summary>
    /// <param name="line">The line in UTF-8, without its end; copied before the call returns.</param>
    /// <returns>False when the line was dropped because earlier ones still wait to be written.</returns>
    bool TryWrite(ReadOnlySpan<byte> line);
}
