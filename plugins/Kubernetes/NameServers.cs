using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Finds the names that this server has in the cluster: those of the services whose endpoint it is, else <c>ns.dns</c>.</summary>
internal sealed class NameServers(KubernetesOptions options)
{
    private Known? _known;
    private IReadOnlyList<ClusterAddress> _local = [];

    /// <summary>The addresses of this server outside of loopback.</summary>
    public IReadOnlyList<ClusterAddress> LocalAddresses
    {
        get => Volatile.Read(ref _local);
        set
        {
            Volatile.Write(ref _local, value);
            Volatile.Write(ref _known, null);
        }
    }

    /// <summary>The store to look at; set before the first query.</summary>
    public ClusterStore? Store { get; set; }

    /// <summary>The names of now, made anew after a change of the cluster.</summary>
    public IReadOnlyList<NameServer> Now()
    {
        ClusterStore store = Store!;
        Known? known = Volatile.Read(ref _known);
        long version = store.Version;
        if (known is null || known.Version != version || !ReferenceEquals(known.Store, store))
        {
            known = new Known(store, version, Find(store));
            Volatile.Write(ref _known, known);
        }

        return known.Servers;
    }

    private List<NameServer> Find(ClusterStore store)
    {
        List<NameServer> servers = [];
        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        Span<byte> octets = stackalloc byte[16];
        foreach (ClusterAddress local in LocalAddresses)
        {
            foreach (ClusterEndpointSlice slice in store.ByEndpoint(local))
            {
                if (!Holds(slice, local) || store.FindName(slice.Service, slice.Namespace) is not { Service: { } service } name)
                {
                    continue;
                }

                foreach (ClusterAddress address in service.IsHeadless ? default : service.ClusterIPs)
                {
                    servers.Add(new NameServer([], name.Labels.ToArray(), octets[..address.CopyTo(octets)].ToArray()));
                }

                for (int i = 0; service.IsHeadless && i < slice.Count; i++)
                {
                    int length = EndpointAnswers.WriteLabel(slice, i, options.EndpointPodNames, label);
                    servers.Add(new NameServer(label[..length].ToArray(), name.Labels.ToArray(), slice.AddressAt(i).ToArray()));
                }
            }
        }

        if (servers.Count == 0)
        {
            foreach (ClusterAddress local in LocalAddresses)
            {
                servers.Add(new NameServer([], [], octets[..local.CopyTo(octets)].ToArray()));
            }
        }

        return servers;
    }

    private static bool Holds(ClusterEndpointSlice slice, ClusterAddress address)
    {
        for (int i = 0; i < slice.Count; i++)
        {
            if (ClusterAddress.FromOctets(slice.AddressAt(i)).Equals(address))
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Known(ClusterStore Store, long Version, List<NameServer> Servers);
}
