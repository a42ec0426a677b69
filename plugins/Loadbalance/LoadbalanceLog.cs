using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>What the plugin says.</summary>
internal static partial class LoadbalanceLog
{
    [LoggerMessage(1, LogLevel.Information, "read {Path}: weights for {Names} names")]
    public static partial void Read(ILogger logger, string path, int names);

    [LoggerMessage(2, LogLevel.Error, "{Path}:{Line}: {Problem}; the weights read before stay")]
    public static partial void BadLine(ILogger logger, string path, int line, string problem);

    [LoggerMessage(3, LogLevel.Error, "{Path} cannot be read: {Reason}; the weights read before stay")]
    public static partial void Unreadable(ILogger logger, string path, string reason);
}
