using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Errors;

internal static partial class ErrorsLog
{
    [LoggerMessage(EventId = 1, Message = "{Code} {Name} {Type}: {Reason}", SkipEnabledCheck = true)]
    public static partial void Failed(ILogger log, LogLevel level, int code, string name, string type, string reason);

    [LoggerMessage(EventId = 2, Message = "{Count} errors like '{Pattern}' occurred in last {Period}")]
    public static partial void Consolidated(ILogger log, LogLevel level, int count, string pattern, string period);
}
