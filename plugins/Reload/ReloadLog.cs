using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Reload;

internal static partial class ReloadLog
{
    [LoggerMessage(1, LogLevel.Information, "Running configuration SHA512 = {Fingerprint}")]
    public static partial void Running(ILogger log, string fingerprint);

    [LoggerMessage(2, LogLevel.Warning, "the directory {Directory} cannot be watched, so changes are seen at the next look: {Reason}")]
    public static partial void CannotWatch(ILogger log, string directory, string reason);

    [LoggerMessage(3, LogLevel.Warning, "the configuration's files cannot be read: {Reason}")]
    public static partial void CannotLook(ILogger log, string reason);
}
