using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.On;

/// <summary>Logs what a command prints, up to a limit; what is beyond is read, so that the command is not held up, and counted.</summary>
internal sealed class CommandOutput(ILogger log, string command)
{
    private int _lines;
    private int _closed;

    /// <summary>Reads one of its streams to the end. Never throws.</summary>
    public async Task ReadAsync(TextReader stream)
    {
        char[] buffer = new char[1024];
        char[] line = new char[EventCommand.MaxLineLength];
        int length = 0;
        try
        {
            while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and int read)
            {
                for (int i = 0; i < read; i++)
                {
                    if (buffer[i] == '\n')
                    {
                        Write(line.AsSpan(0, length));
                        length = 0;
                    }
                    else if (length < line.Length)
                    {
                        line[length++] = char.IsControl(buffer[i]) ? ' ' : buffer[i];
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The stream went with the command.
        }

        if (length > 0)
        {
            Write(line.AsSpan(0, length));
        }
    }

    /// <summary>Says how many lines were left out.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, 1);
        int more = Volatile.Read(ref _lines) - EventCommand.MaxLines;
        if (more > 0)
        {
            OnLog.MoreOutput(log, command, more);
        }
    }

    private void Write(ReadOnlySpan<char> line)
    {
        if (Volatile.Read(ref _closed) == 0 && Interlocked.Increment(ref _lines) <= EventCommand.MaxLines)
        {
            OnLog.Output(log, command, line.TrimEnd().ToString());
        }
    }
}
