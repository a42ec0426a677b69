using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.On;

internal static partial class OnLog
{
    [LoggerMessage(1, LogLevel.Information, "running '{Command}'")]
    public static partial void Starting(ILogger logger, string command);

    [LoggerMessage(2, LogLevel.Information, "'{Command}' says: {Line}")]
    public static partial void Output(ILogger logger, string command, string line);

    [LoggerMessage(3, LogLevel.Information, "'{Command}' says {Count} lines more")]
    public static partial void MoreOutput(ILogger logger, string command, int count);

    [LoggerMessage(4, LogLevel.Error, "'{Command}' ended with code {Code}")]
    public static partial void Failed(ILogger logger, string command, int code);

    [LoggerMessage(5, LogLevel.Error, "'{Command}' cannot be run: {Reason}")]
    public static partial void NotStarted(ILogger logger, string command, string reason);

    [LoggerMessage(6, LogLevel.Error, "'{Command}' was killed: {Reason}")]
    public static partial void Killed(ILogger logger, string command, string reason);

    [LoggerMessage(7, LogLevel.Warning, "'{Command}' is not run: it is still running since the last time")]
    public static partial void StillRunning(ILogger logger, string command);
}
