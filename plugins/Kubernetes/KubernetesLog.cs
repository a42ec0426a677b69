using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>What the plugin says.</summary>
internal static partial class KubernetesLog
{
    [LoggerMessage(1, LogLevel.Information, "{Zone}: the cluster is synchronised: {Services} services, {Slices} endpoint slices, {Namespaces} namespaces")]
    public static partial void Synchronised(ILogger logger, string zone, int services, int slices, int namespaces);

    [LoggerMessage(2, LogLevel.Warning, "{Zone}: the cluster is not synchronised after {Seconds} seconds; its names get SERVFAIL until it is")]
    public static partial void NotSynchronised(ILogger logger, string zone, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "{Zone}: the cluster is not synchronised; names are answered from the snapshot {Path} of {Age} ago")]
    public static partial void Stale(ILogger logger, string zone, string path, TimeSpan age);

    [LoggerMessage(4, LogLevel.Warning, "the snapshot {Path} cannot be read: {Reason}; the server starts without it")]
    public static partial void SnapshotUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "the snapshot {Path} cannot be written: {Reason}")]
    public static partial void SnapshotUnwritable(ILogger logger, string path, string reason);

    [LoggerMessage(6, LogLevel.Information, "{Zone}: waiting for the cluster before queries are answered")]
    public static partial void Waiting(ILogger logger, string zone);
}
