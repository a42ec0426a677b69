using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Hosts;

/// <summary>What the plugin says.</summary>
internal static partial class HostsLog
{
    [LoggerMessage(1, LogLevel.Debug, "read {Path}: {Entries} entries")]
    public static partial void Read(ILogger logger, string path, long entries);

    [LoggerMessage(2, LogLevel.Warning, "{Path}:{Line}: {Problem}; skipped")]
    public static partial void BadLine(ILogger logger, string path, int line, string problem);

    [LoggerMessage(3, LogLevel.Warning, "{Path}: {Count} more lines were skipped")]
    public static partial void MoreBadLines(ILogger logger, string path, int count);

    [LoggerMessage(4, LogLevel.Warning, "{Path} does not exist; it is read as soon as it does")]
    public static partial void Missing(ILogger logger, string path);

    [LoggerMessage(5, LogLevel.Warning, "{Path} cannot be read: {Reason}; the entries read before stay")]
    public static partial void Unreadable(ILogger logger, string path, string reason);

    [LoggerMessage(6, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; {Path} is looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, string path, double seconds);
}
