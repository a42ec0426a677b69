using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Geoip;

internal static partial class GeoipLog
{
    [LoggerMessage(1, LogLevel.Information, "read {Path}: {Kind} of {BuiltAt:yyyy-MM-dd}")]
    public static partial void Read(ILogger logger, string path, string kind, DateTime builtAt);

    [LoggerMessage(2, LogLevel.Error, "{Path} cannot be read: {Reason}; what was read before stays")]
    public static partial void Unreadable(ILogger logger, string path, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; the database is looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, double seconds);
}
