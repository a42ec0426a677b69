using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Cache;

/// <summary>What the plugin logs.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "asking again for {Name} failed: a plugin after cache threw an exception")]
    public static partial void RefreshThrew(ILogger logger, string name, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "{Count} entries taken from the snapshot {File}")]
    public static partial void SnapshotLoaded(ILogger logger, int count, string file);

    [LoggerMessage(3, LogLevel.Warning, "the snapshot {File} is not used, the cache starts empty: {Reason}")]
    public static partial void SnapshotIgnored(ILogger logger, string file, string reason);

    [LoggerMessage(4, LogLevel.Information, "{Count} entries written to the snapshot {File}")]
    public static partial void SnapshotSaved(ILogger logger, int count, string file);

    [LoggerMessage(5, LogLevel.Warning, "the snapshot {File} cannot be written: {Reason}")]
    public static partial void SnapshotFailed(ILogger logger, string file, string reason);
}
