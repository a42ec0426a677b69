using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Hands what a source tells on to the store, and measures how long changes of endpoints took to become visible.</summary>
internal sealed class KubernetesSink(ClusterStore store, KubernetesMetrics metrics, TimeProvider time) : IClusterSink
{
    private readonly Lock _lock = new();
    private readonly HashSet<ClusterWatch> _listing = [];

    /// <inheritdoc/>
    public void BeginList(ClusterWatch watch)
    {
        lock (_lock)
        {
            _listing.Add(watch);
        }

        store.BeginList(watch);
    }

    /// <inheritdoc/>
    public void Put(ClusterWatch watch, ClusterObject item)
    {
        store.Put(watch, item);
        if (item is ClusterEndpointSlice { LastChange: > 0 } slice && IsWatching(watch))
        {
            Measure(slice);
        }
    }

    /// <inheritdoc/>
    public void Delete(ClusterWatch watch, ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name) => store.Delete(watch, namespaceName, name);

    /// <inheritdoc/>
    public void EndList(ClusterWatch watch)
    {
        store.EndList(watch);
        lock (_lock)
        {
            _listing.Remove(watch);
        }
    }

    /// <summary>True when a change is one of now: what a list shows may have changed long ago.</summary>
    private bool IsWatching(ClusterWatch watch)
    {
        lock (_lock)
        {
            return !_listing.Contains(watch);
        }
    }

    private void Measure(ClusterEndpointSlice slice)
    {
        if (store.FindName(slice.Service, slice.Namespace)?.Service is { } service)
        {
            TimeSpan duration = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(slice.LastChange);
            metrics.Programmed(service.IsHeadless ? "headless_with_selector" : "cluster_ip", duration);
        }
    }
}
