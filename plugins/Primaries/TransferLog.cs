using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Primaries;

/// <summary>What is said of transfers.</summary>
internal static partial class TransferLog
{
    [LoggerMessage(1, LogLevel.Information, "zone {Zone} was transferred from {Primary}: {Kind}, serial {Serial}, {Records} records, {Octets} octets")]
    public static partial void Transferred(ILogger logger, string zone, string primary, string kind, uint serial, long records, long octets);

    [LoggerMessage(2, LogLevel.Warning, "zone {Zone} could not be had from {Primary}: {Reason}")]
    public static partial void PrimaryFailed(ILogger logger, string zone, string primary, string reason);

    [LoggerMessage(3, LogLevel.Warning, "zone {Zone}: no primary could help, the next try is in {Seconds:0.##} seconds")]
    public static partial void AllFailed(ILogger logger, string zone, double seconds);

    [LoggerMessage(4, LogLevel.Error, "zone {Zone} has expired: no primary has confirmed serial {Serial} in time")]
    public static partial void Expired(ILogger logger, string zone, uint serial);

    [LoggerMessage(5, LogLevel.Information, "zone {Zone} from {Primary}: the changes could not be used ({Reason}), the whole zone is asked for")]
    public static partial void FallsBack(ILogger logger, string zone, string primary, string reason);

    [LoggerMessage(6, LogLevel.Warning, "{Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(7, LogLevel.Warning, "zone {Zone} from {Primary}: {Count} records outside of the zone were left out")]
    public static partial void Foreign(ILogger logger, string zone, string primary, long count);

    [LoggerMessage(8, LogLevel.Information, "notify from {Client} for {Zone}: asking for changes")]
    public static partial void Notified(ILogger logger, string client, string zone);

    [LoggerMessage(9, LogLevel.Warning, "notify from {Client} for {Zone} refused: it is not a primary of the zone")]
    public static partial void NotifyRefused(ILogger logger, string client, string zone);

    [LoggerMessage(10, LogLevel.Information, "zone {Zone} was read from {Path}: serial {Serial}, confirmed {Age} ago")]
    public static partial void Restored(ILogger logger, string zone, string path, uint serial, TimeSpan age);

    [LoggerMessage(11, LogLevel.Warning, "zone {Zone} could not be read from {Path}: {Reason}; it will be transferred")]
    public static partial void Unreadable(ILogger logger, string zone, string path, string reason);

    [LoggerMessage(12, LogLevel.Error, "zone {Zone} could not be kept in {Path}: {Reason}")]
    public static partial void NotKept(ILogger logger, string zone, string path, string reason);

    [LoggerMessage(17, LogLevel.Error, "zone {Zone}: asking the primaries failed")]
    public static partial void Crashed(ILogger logger, string zone, Exception exception);

    [LoggerMessage(18, LogLevel.Debug, "zone {Zone} is current at {Primary}: serial {Serial}")]
    public static partial void Current(ILogger logger, string zone, string primary, uint serial);
}
