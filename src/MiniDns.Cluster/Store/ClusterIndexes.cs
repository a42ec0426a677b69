using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Store;

/// <summary>The names and addresses that objects are found by. One writer at a time; readers take no lock.</summary>
internal sealed class ClusterIndexes
{
    /// <summary>What goes by a service's name, by its labels.</summary>
    public HashIndex<ClusterName> Names { get; } = new();

    /// <summary>Services by their cluster addresses.</summary>
    public HashIndex<ClusterService> ClusterIPs { get; } = new();

    /// <summary>Services by their addresses outside.</summary>
    public HashIndex<ClusterService> ExternalIPs { get; } = new();

    /// <summary>Slices by the addresses that they hold; those of imports are not among them.</summary>
    public HashIndex<ClusterEndpointSlice> Endpoints { get; } = new();

    /// <summary>Pods by their addresses.</summary>
    public HashIndex<ClusterPod> Pods { get; } = new();

    /// <summary>Ingresses, Gateways and HTTPRoutes by their host names.</summary>
    public HashIndex<ClusterHosts> Hosts { get; } = new();

    /// <summary>Services by the host names that they ask for by an annotation.</summary>
    public HashIndex<ClusterService> NamedServices { get; } = new();

    /// <summary>Finds what goes by the name of a service.</summary>
    /// <param name="labels">The labels of service and namespace in wire form, lower case: <c>3 w e b 7 d e f a u l t</c>.</param>
    public ClusterName? FindName(ReadOnlySpan<byte> labels)
    {
        foreach (ClusterName name in Names.Find(ClusterKey.OfLabels(labels)))
        {
            if (name.Labels.SequenceEqual(labels))
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Puts one object in the place of another wherever objects are found; either may be null.</summary>
    public void Put(ClusterObject? old, ClusterObject? item)
    {
        switch (item ?? old)
        {
            case ClusterService:
                IndexService((ClusterService?)old, (ClusterService?)item);
                break;
            case ClusterEndpointSlice:
                IndexSlice((ClusterEndpointSlice?)old, (ClusterEndpointSlice?)item);
                break;
            case ClusterServiceImport import:
                UpdateName(import.Name, import.Namespace, item, static (name, value) => name.Import = (ClusterServiceImport?)value);
                break;
            case ClusterPod:
                IndexPod((ClusterPod?)old, (ClusterPod?)item);
                break;
            case ClusterHosts:
                IndexHosts((ClusterHosts?)old, (ClusterHosts?)item);
                break;
            default:
                break;
        }
    }

    private void IndexService(ClusterService? old, ClusterService? item)
    {
        ClusterService either = (item ?? old)!;
        UpdateName(either.Name, either.Namespace, item, static (name, value) => name.Service = (ClusterService?)value);
        ReadOnlySpan<ClusterAddress> none = default;
        IndexAddresses(ClusterIPs, old is null ? none : old.ClusterIPs, old, item is null ? none : item.ClusterIPs, item);
        IndexAddresses(ExternalIPs, old is null ? none : old.ExternalIPs, old, item is null ? none : item.ExternalIPs, item);
        IndexNames(NamedServices, old is null ? default : old.HostNames, old, item is null ? default : item.HostNames, item);
    }

    private void IndexPod(ClusterPod? old, ClusterPod? item)
    {
        ReadOnlySpan<ClusterAddress> none = default;
        IndexAddresses(Pods, old is null ? none : old.Addresses, old, item is null ? none : item.Addresses, item);
    }

    private void IndexSlice(ClusterEndpointSlice? old, ClusterEndpointSlice? item)
    {
        // New before old, and in its place: an address that stays is found at every moment.
        if (item is not null)
        {
            if (!item.Service.IsEmpty)
            {
                bool isSameName = old is not null && old.Service.SequenceEqual(item.Service);
                UpdateSlice(item.Service, item.Namespace, isSameName ? old : null, item, imported: false);
                for (int i = 0; i < item.Count; i++)
                {
                    Endpoints.Put(ClusterKey.OfAddress(ClusterAddress.FromOctets(item.AddressAt(i))), old, item);
                }
            }

            if (!item.ImportedService.IsEmpty)
            {
                bool isSameName = old is not null && old.ImportedService.SequenceEqual(item.ImportedService);
                UpdateSlice(item.ImportedService, item.Namespace, isSameName ? old : null, item, imported: true);
            }
        }

        if (old is not null)
        {
            if (!old.Service.IsEmpty)
            {
                if (item is null || !old.Service.SequenceEqual(item.Service))
                {
                    UpdateSlice(old.Service, old.Namespace, old, null, imported: false);
                }

                for (int i = 0; i < old.Count; i++)
                {
                    Endpoints.Remove(ClusterKey.OfAddress(ClusterAddress.FromOctets(old.AddressAt(i))), old);
                }
            }

            if (!old.ImportedService.IsEmpty && (item is null || !old.ImportedService.SequenceEqual(item.ImportedService)))
            {
                UpdateSlice(old.ImportedService, old.Namespace, old, null, imported: true);
            }
        }
    }

    private void IndexHosts(ClusterHosts? old, ClusterHosts? item) =>
        IndexNames(Hosts, old is null ? default : old.HostNames, old, item is null ? default : item.HostNames, item);

    private static void IndexNames<T>(HashIndex<T> index, ReadOnlySpan<DnsName> olds, T? old, ReadOnlySpan<DnsName> items, T? item)
        where T : class
    {
        foreach (DnsName name in items)
        {
            index.Put(name.Hash, old, item!);
        }

        foreach (DnsName name in olds)
        {
            index.Remove(name.Hash, old!);
        }
    }

    private static void IndexAddresses<T>(HashIndex<T> index, ReadOnlySpan<ClusterAddress> olds, T? old, ReadOnlySpan<ClusterAddress> items, T? item)
        where T : class
    {
        foreach (ClusterAddress address in items)
        {
            index.Put(ClusterKey.OfAddress(address), old, item!);
        }

        foreach (ClusterAddress address in olds)
        {
            index.Remove(ClusterKey.OfAddress(address), old!);
        }
    }

    private void UpdateSlice(ReadOnlySpan<byte> service, ReadOnlySpan<byte> namespaceName, ClusterEndpointSlice? old, ClusterEndpointSlice? item, bool imported) =>
        UpdateName(service, namespaceName, (old, item, imported), static (name, change) => name.ReplaceSlice(change.old, change.item, change.imported));

    private void UpdateName<T>(ReadOnlySpan<byte> service, ReadOnlySpan<byte> namespaceName, T change, Action<ClusterName, T> apply)
    {
        Span<byte> labels = stackalloc byte[ClusterKey.MaxLabels];
        labels = labels[..ClusterKey.WriteLabels(service, namespaceName, labels)];
        if (labels.IsEmpty)
        {
            return;     // no name that DNS could ask for
        }

        ClusterName? name = FindName(labels);
        bool isNew = name is null;
        name ??= new ClusterName(labels.ToArray(), ClusterKey.OfLabels(labels));
        apply(name, change);
        if (name.IsEmpty && !isNew)
        {
            Names.Remove(name.Hash, name);
        }
        else if (isNew && !name.IsEmpty)
        {
            Names.Add(name.Hash, name);
        }
    }
}
