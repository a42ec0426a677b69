using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Forward;

internal static partial class ForwardLog
{
    [LoggerMessage(1, LogLevel.Warning, "upstream {Upstream} is down: {Fails} health checks in a row went unanswered")]
    public static partial void UpstreamDown(this ILogger logger, string upstream, int fails);

    [LoggerMessage(2, LogLevel.Information, "upstream {Upstream} answers again")]
    public static partial void UpstreamUp(this ILogger logger, string upstream);

    [LoggerMessage(4, LogLevel.Warning, "upstream {Upstream} does not answer: others are asked first until it does")]
    public static partial void UpstreamSilent(this ILogger logger, string upstream);

    [LoggerMessage(5, LogLevel.Warning, "{Problem}; the upstreams stay as they are")]
    public static partial void FileProblem(this ILogger logger, string problem);

    [LoggerMessage(6, LogLevel.Information, "{Path} names only the stub of systemd-resolved; the servers of {Instead} are used instead")]
    public static partial void StubAvoided(this ILogger logger, string path, string instead);

    [LoggerMessage(7, LogLevel.Warning, "{Directory} cannot be watched, so changes are noticed only every few seconds: {Reason}")]
    public static partial void NotWatched(this ILogger logger, string directory, string reason);

    [LoggerMessage(8, LogLevel.Warning, "the addresses of {Host} cannot be looked up: {Reason}")]
    public static partial void HostProblem(this ILogger logger, string host, string reason);

    [LoggerMessage(9, LogLevel.Information, "{Host} has other addresses now: {Addresses}")]
    public static partial void HostMoved(this ILogger logger, string host, string addresses);

    [LoggerMessage(3, LogLevel.Error, "a forwarded query could not be finished")]
    public static partial void Fault(this ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "upstream {Upstream} cannot be talked to in secret: {Reason}")]
    public static partial void HandshakeFailed(this ILogger logger, string upstream, string reason);

    [LoggerMessage(21, LogLevel.Warning, "upstream {Upstream} does not keep the case of names: from now on they are asked as clients write them")]
    public static partial void CaseNotKept(this ILogger logger, string upstream);

    [LoggerMessage(22, LogLevel.Warning, "upstream {Upstream} does not send cookies, or not any more: it is asked without")]
    public static partial void CookiesLost(this ILogger logger, string upstream);
}
