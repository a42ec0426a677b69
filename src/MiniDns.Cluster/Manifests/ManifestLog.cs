using Microsoft.Extensions.Logging;

namespace MiniDns.Cluster.Manifests;

/// <summary>What a <see cref="ManifestSource"/> says.</summary>
internal static partial class ManifestLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Path}:{Line}:{Column}: {Problem}; the document is left out")]
    public static partial void BadDocument(ILogger logger, string path, int line, int column, string problem);

    [LoggerMessage(2, LogLevel.Warning, "{Path}: {Count} more documents are left out")]
    public static partial void MoreBadDocuments(ILogger logger, string path, int count);

    [LoggerMessage(3, LogLevel.Warning, "{Path} does not exist; it is read as soon as it does")]
    public static partial void Missing(ILogger logger, string path);

    [LoggerMessage(4, LogLevel.Warning, "{Path} cannot be read: {Reason}; what was read before stays")]
    public static partial void Unreadable(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Debug, "read {Files} manifest files: {Objects} objects")]
    public static partial void Read(ILogger logger, int files, int objects);

    [LoggerMessage(6, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; it is looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, double seconds);

    [LoggerMessage(7, LogLevel.Warning, "{Path} has more than {Limit} octets; it is left out")]
    public static partial void TooLarge(ILogger logger, string path, long limit);

    [LoggerMessage(8, LogLevel.Warning, "there are more than {Limit} manifest files; the rest is left out")]
    public static partial void TooMany(ILogger logger, int limit);
}
