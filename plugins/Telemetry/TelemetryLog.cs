using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Telemetry;

internal static partial class TelemetryLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Problem}")]
    public static partial void Problem(ILogger log, string problem);
}
