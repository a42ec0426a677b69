using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Knows which names stand above host names, and so exist without records (RFC 8020).</summary>
/// <remarks>Asked about names that nothing else has. Made when first asked, and made anew on another thread when the cluster changed; only the first
/// question waits for it.</remarks>
internal sealed class HostTree(IClusterView view, HostSources sources)
{
    private static readonly ClusterResource[] Resources = [ClusterResource.Ingress, ClusterResource.Gateway, ClusterResource.HttpRoute, ClusterResource.Service];

    private Known? _known;
    private int _isMaking;

    /// <summary>The kind that an object of a resource is, among those that have host names.</summary>
    public static HostSources SourceOf(ClusterResource resource) => resource switch
    {
        ClusterResource.Ingress => HostSources.Ingress,
        ClusterResource.Gateway or ClusterResource.HttpRoute => HostSources.Gateway,
        ClusterResource.Service => HostSources.Service,
        _ => HostSources.None,
    };

    /// <summary>True when a host name lies below a name.</summary>
    public bool IsAbove(DnsNameView name) => Now().Above.Contains(name.Hash);

    /// <summary>True for a host name.</summary>
    public bool Has(DnsNameView name) => Now().Hosts.Contains(name.Hash);

    /// <summary>All host names.</summary>
    public IReadOnlyCollection<DnsName> All()
    {
        HashSet<DnsName> names = [];
        ForEach(name => names.Add(name.ToLower()));
        return names;
    }

    private Known Now()
    {
        ClusterStore store = view.Store;
        Known? known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Store, store))
        {
            return Make(store);
        }

        if (known.Version != store.Version && Interlocked.Exchange(ref _isMaking, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static tree => tree.Renew(), this, preferLocal: false);
        }

        return known;
    }

    private void Renew()
    {
        Make(view.Store);
        Volatile.Write(ref _isMaking, 0);
    }

    private Known Make(ClusterStore store)
    {
        var known = new Known(store, store.Version, [], []);
        ForEach(name =>
        {
            known.Hosts.Add(name.Hash);
            for (DnsNameView above = name.View.Parent; !above.IsRoot; above = above.Parent)
            {
                known.Above.Add(above.Hash);
            }
        });
        Volatile.Write(ref _known, known);
        return known;
    }

    private void ForEach(Action<DnsName> action)
    {
        foreach (ClusterResource resource in Resources)
        {
            if ((sources & SourceOf(resource)) == 0)
            {
                continue;
            }

            foreach (ClusterObject item in view.Store.AllOf(resource).All())
            {
                if (!view.ShowsNamespace(item.Namespace))
                {
                    continue;
                }

                foreach (DnsName name in item is ClusterHosts hosts ? hosts.HostNames : item is ClusterService service ? service.HostNames : default)
                {
                    action(name);
                }
            }
        }
    }

    /// <summary>Hashes of names: two that share one of 64 bits would at worst say that a name exists.</summary>
    private sealed record Known(ClusterStore Store, long Version, HashSet<ulong> Hosts, HashSet<ulong> Above);
}
