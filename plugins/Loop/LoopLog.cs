using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Loop;

internal static partial class LoopLog
{
    // The words are those that people know from CoreDNS and that alerts look for.
    [LoggerMessage(
        1,
        LogLevel.Error,
        "Loop ({Client} -> {Server}) detected for zone \"{Zone}\": upstream {Upstream} sends queries back here; it is not asked until it no longer does. Query: \"HINFO {Name}\"")]
    public static partial void Detected(this ILogger logger, string client, string server, string zone, string upstream, string name);

    [LoggerMessage(2, LogLevel.Information, "the loop for zone \"{Zone}\" is over: upstream {Upstream} is asked again")]
    public static partial void Over(this ILogger logger, string zone, string upstream);
}
