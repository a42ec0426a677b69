using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Loop;

internal static partial class LoopLog
{
    // The words are those that people know from CoreDNS and that alerts look for.
    [LoggerMessage(
        1,
        LogLevel.Error,
        "Loop ({Client} -> {Server}) detected for zone \"{Zone}\": an upstream sends queries back here; those that would be forwarded are answered SERVFAIL until it no longer does. Query: \"HINFO {Name}\"")]
    public static partial void Detected(this ILogger logger, string client, string server, string zone, string name);

    [LoggerMessage(2, LogLevel.Information, "the loop for zone \"{Zone}\" is over")]
    public static partial void Over(this ILogger logger, string zone);
}
