using Microsoft.Extensions.Logging;

namespace MiniDns.Server.Diagnostics;

internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Error, "plugin {Plugin} threw an exception; the query was answered SERVFAIL: {Reason}")]
    public static partial void HandlerThrew(ILogger logger, string plugin, string reason);

    [LoggerMessage(2, LogLevel.Warning, "sending from {Address} failed: {Error}")]
    public static partial void SendFailed(ILogger logger, string address, string error);

    [LoggerMessage(3, LogLevel.Error, "receiving on {Address} failed: {Error}")]
    public static partial void ReceiveFailed(ILogger logger, string address, string error);

    [LoggerMessage(4, LogLevel.Information, "{Message}")]
    public static partial void Note(ILogger logger, string message);

    [LoggerMessage(5, LogLevel.Warning, "{Warning}")]
    public static partial void Finding(ILogger logger, string warning);

    [LoggerMessage(6, LogLevel.Error, "a socket worker of {Address} met an exception and starts again")]
    public static partial void WorkerFailed(ILogger logger, string address, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "stopping a component failed")]
    public static partial void StopFailed(ILogger logger, Exception exception);
}
