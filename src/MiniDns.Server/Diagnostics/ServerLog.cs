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

    [LoggerMessage(8, LogLevel.Error, "{Failure}; the other addresses are served, and this one is tried again")]
    public static partial void AddressPutOff(ILogger logger, string failure);

    [LoggerMessage(9, LogLevel.Information, "now listening at {Address}, too")]
    public static partial void AddressHad(ILogger logger, System.Net.IPEndPoint address);

    [LoggerMessage(10, LogLevel.Warning, "{Place}: this machine does not have the address {Address} (yet); it will be served as soon as it does")]
    public static partial void AddressNotThere(ILogger logger, string place, System.Net.IPAddress address);

    [LoggerMessage(11, LogLevel.Warning, "queries of the former configuration are still under way after {Seconds} s; it is stopped all the same")]
    public static partial void StillInUse(ILogger logger, double seconds);

    [LoggerMessage(12, LogLevel.Information, "Reloading ({Reason})")]
    public static partial void Reloading(ILogger logger, string reason);

    [LoggerMessage(13, LogLevel.Information, "Reloading complete")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(14, LogLevel.Error, "the new configuration is not used and the old one goes on: {Reason}")]
    public static partial void ReloadFailed(ILogger logger, string reason);

    [LoggerMessage(15, LogLevel.Warning, "the service manager passed sockets that no server block uses: {Sockets}")]
    public static partial void SocketsLeft(ILogger logger, string sockets);

    [LoggerMessage(16, LogLevel.Error, "a listener does not answer: {Listener}")]
    public static partial void ListenerSilent(ILogger logger, string listener);

    [LoggerMessage(17, LogLevel.Warning, "a PROXY header from {Sender} over {Transport} is {Problem}; it was dropped, and so are others like it")]
    public static partial void ProxyHeaderDropped(ILogger logger, string transport, string sender, string problem);

    [LoggerMessage(18, LogLevel.Error, "telling a plugin that the configuration serves failed")]
    public static partial void AnnouncingFailed(ILogger logger, Exception exception);

    [LoggerMessage(19, LogLevel.Debug, "the TLS handshake with {Client} failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, System.Net.EndPoint? client, string reason);
}
