using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Health;

internal static partial class HealthLog
{
    [LoggerMessage(1, LogLevel.Information, "going into lameduck mode for {Duration}")]
    public static partial void GoingLame(ILogger log, string duration);

    [LoggerMessage(2, LogLevel.Warning, "local health request to {Page} failed: {Reason}")]
    public static partial void ProbeFailed(ILogger log, Uri page, string reason);

    [LoggerMessage(3, LogLevel.Warning, "local health request to {Page} took more than 1s: {Seconds}s")]
    public static partial void ProbeSlow(ILogger log, Uri page, double seconds);

    [LoggerMessage(4, LogLevel.Information, "nobody asks any more: lameduck mode ends early")]
    public static partial void Silent(ILogger log);
}
