using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Authority;

/// <summary>What plugins with zone files say.</summary>
internal static partial class ZoneLog
{
    [LoggerMessage(1, LogLevel.Information, "zone {Origin} was read from {Path}, serial {Serial}, {Names} names")]
    public static partial void Loaded(ILogger logger, string origin, string path, uint serial, int names);

    [LoggerMessage(2, LogLevel.Warning, "{Path} has changed but the serial number of {Origin} has not; the zone stays as it is")]
    public static partial void SameSerial(ILogger logger, string path, string origin);

    [LoggerMessage(3, LogLevel.Error, "{Problem}")]
    public static partial void Error(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Warning, "{Problem}")]
    public static partial void Warning(ILogger logger, string problem);

    [LoggerMessage(5, LogLevel.Error, "zone {Origin} could not be read from {Path}; {What}")]
    public static partial void Failed(ILogger logger, string origin, string path, string what);

    [LoggerMessage(6, LogLevel.Information, "zone {Origin} is gone: {Path} no longer exists")]
    public static partial void Removed(ILogger logger, string origin, string path);

    [LoggerMessage(7, LogLevel.Warning, "{Path}: zone {Origin} is read from {Other} already; the file is left out")]
    public static partial void Duplicate(ILogger logger, string path, string origin, string other);

    [LoggerMessage(8, LogLevel.Warning, "{Path}: {Problem}; the file is left out")]
    public static partial void BadOrigin(ILogger logger, string path, string problem);

    [LoggerMessage(9, LogLevel.Warning, "directory {Path} cannot be read: {Reason}")]
    public static partial void Unreadable(ILogger logger, string path, string reason);

    [LoggerMessage(10, LogLevel.Information, "{Count} zones were read from {Path}, {Failed} files could not be")]
    public static partial void LoadedMany(ILogger logger, int count, string path, int failed);

    [LoggerMessage(11, LogLevel.Error, "looking for changes of zone files failed")]
    public static partial void LookFailed(ILogger logger, Exception exception);
}
