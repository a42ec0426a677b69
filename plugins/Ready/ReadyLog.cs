using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Ready;

internal static partial class ReadyLog
{
    [LoggerMessage(1, LogLevel.Information, "plugins not ready: \"{Names}\"")]
    public static partial void NotReady(ILogger log, string names);
}
