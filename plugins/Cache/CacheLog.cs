using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Cache;

/// <summary>What the plugin logs.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "asking again for {Name} failed: a plugin after cache threw an exception")]
    public static partial void RefreshThrew(ILogger logger, string name, Exception exception);
}
