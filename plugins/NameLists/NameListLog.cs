using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.NameLists;

/// <summary>What the plugin says.</summary>
internal static partial class NameListLog
{
    [LoggerMessage(1, LogLevel.Information, "read {Path}: {Names} names, {Unsupported} lines that do not concern DNS, {Malformed} malformed ones")]
    public static partial void Read(ILogger logger, string path, int names, int unsupported, int malformed);

    [LoggerMessage(2, LogLevel.Warning, "{Path}:{Line}:{Column}: {Problem}; skipped")]
    public static partial void BadLine(ILogger logger, string path, int line, int column, string problem);

    [LoggerMessage(3, LogLevel.Warning, "{Path}: {Count} more lines were skipped")]
    public static partial void MoreBadLines(ILogger logger, string path, int count);

    [LoggerMessage(4, LogLevel.Error, "{Path} cannot be read: {Reason}; what was read before stays")]
    public static partial void Unreadable(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Error, "{Path} is no list: {Malformed} lines are malformed, {Right} are right; what was read before stays")]
    public static partial void NoList(ILogger logger, string path, int malformed, int right);

    [LoggerMessage(6, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; lists are looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, double seconds);
}
