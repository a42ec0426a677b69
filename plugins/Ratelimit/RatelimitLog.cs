using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>What the plugin says.</summary>
internal static partial class RatelimitLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Network} was limited {Count} times in {Seconds} seconds")]
    public static partial void Limited(ILogger logger, string network, long count, double seconds);
}
