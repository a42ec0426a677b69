namespace MiniDns.Cluster;

/// <summary>Where the objects of a cluster come from: an API server, files.</summary>
public interface IClusterSource : IAsyncDisposable
{
    /// <summary>Starts telling a sink, on tasks of its own, until disposed of. Returns at once and throws for nothing that can mend itself:
    /// a server that is away is tried again.</summary>
    /// <param name="request">What the sink is to be told.</param>
    /// <param name="sink">Who is told.</param>
    void Start(ClusterWatchRequest request, IClusterSink sink);
}
