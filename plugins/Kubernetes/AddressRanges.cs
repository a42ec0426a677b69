using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Knows whether any address lies in a range: whether a name above reverse names exists.</summary>
/// <remarks>Rarely asked, so nothing is kept until somebody asks; then a sorted list, made anew on another thread when the cluster changed. Only the
/// first question waits for it.</remarks>
internal sealed class AddressRanges
{
    private Known? _known;
    private int _isMaking;

    /// <summary>The store to look at; set before the first query.</summary>
    public ClusterStore? Store { get; set; }

    /// <summary>True when the cluster has an address from the first to the last.</summary>
    public bool HasAny(ClusterAddress first, ClusterAddress last)
    {
        ClusterStore store = Store!;
        Known? known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Store, store))
        {
            known = Make(store);
        }
        else if (known.Version != store.Version && Interlocked.Exchange(ref _isMaking, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Renew(), this, preferLocal: false);
        }

        int at = Array.BinarySearch(known.Addresses, first);
        at = at < 0 ? ~at : at;
        return at < known.Addresses.Length && known.Addresses[at].CompareTo(last) <= 0;
    }

    private void Renew()
    {
        Make(Store!);
        Volatile.Write(ref _isMaking, 0);
    }

    private Known Make(ClusterStore store)
    {
        long version = store.Version;
        List<ClusterAddress> addresses = [];
        foreach (ClusterObject item in store.AllOf(ClusterResource.Service).All())
        {
            addresses.AddRange(((ClusterService)item).ClusterIPs);
        }

        foreach (ClusterObject item in store.AllOf(ClusterResource.EndpointSlice).All())
        {
            var slice = (ClusterEndpointSlice)item;
            for (int i = 0; !slice.Service.IsEmpty && i < slice.Count; i++)
            {
                addresses.Add(ClusterAddress.FromOctets(slice.AddressAt(i)));
            }
        }

        ClusterAddress[] sorted = [.. addresses];
        Array.Sort(sorted);
        var known = new Known(store, version, sorted);
        Volatile.Write(ref _known, known);
        return known;
    }

    private sealed record Known(ClusterStore Store, long Version, ClusterAddress[] Addresses);
}
