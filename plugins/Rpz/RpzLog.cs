using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Rpz;

/// <summary>What the plugin says.</summary>
internal static partial class RpzLog
{
    [LoggerMessage(1, LogLevel.Information, "client {Client}: {Trigger} {Action} {Name} {Type} via {Owner}")]
    public static partial void Match(ILogger logger, string client, string trigger, string action, string name, string type, string owner);

    [LoggerMessage(2, LogLevel.Information, "policy zone {Zone} was read from {Path}: serial {Serial}, rules {Rules}, {Malformed} malformed records")]
    public static partial void Read(ILogger logger, string zone, string path, uint serial, string rules, int malformed);

    [LoggerMessage(3, LogLevel.Warning, "{Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Warning, "{Path}: {Count} more records are malformed")]
    public static partial void MoreProblems(ILogger logger, string path, int count);

    [LoggerMessage(5, LogLevel.Error, "policy zone {Zone} could not be read from {Path}: {Reason}; {What}")]
    public static partial void Failed(ILogger logger, string zone, string path, string reason, string what);

    [LoggerMessage(6, LogLevel.Warning, "{Directory} cannot be watched: {Reason}; policy zones are looked at every {Seconds} seconds")]
    public static partial void Unwatched(ILogger logger, string directory, string reason, double seconds);
}
