using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Store;

/// <summary>The objects of a cluster as DNS sees them, always up to date: a source writes, queries read without a lock.</summary>
/// <remarks>Memory is that of the objects and of 12 octets for each name or address they are found by, up to twice that while an index grows.
/// What a cluster holds is what is held: its size is the API server's to bound.</remarks>
public sealed class ClusterStore : IClusterSink
{
    private readonly WatchState[] _watches;
    private readonly TimeProvider _time;
    private readonly Lock _writing = new();
    private readonly HashIndex<ClusterObject>[] _objects = [.. Enum.GetValues<ClusterResource>().Select(_ => new HashIndex<ClusterObject>())];
    private readonly HashIndex<ClusterName> _names = new();
    private readonly HashIndex<ClusterService> _clusterIPs = new();
    private readonly HashIndex<ClusterService> _externalIPs = new();
    private readonly HashIndex<ClusterEndpointSlice> _endpoints = new();
    private readonly HashIndex<ClusterPod> _pods = new();
    private readonly HashIndex<ClusterHosts> _hosts = new();
    private readonly HashIndex<ClusterService> _namedServices = new();
    private uint _lists;
    private bool _hasSnapshot;
    private volatile bool _isSynchronised;
    private long _changed;
    private long _externalChanged;
    private long _importsChanged;
    private long _version;

    /// <summary>Makes an empty store.</summary>
    /// <param name="watches">What has to be listed once before the store is synchronised.</param>
    /// <param name="time">The clock.</param>
    public ClusterStore(IReadOnlyList<ClusterWatch> watches, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(watches);
        _watches = [.. watches.Select(w => new WatchState(w))];
        _time = time;
        _changed = _externalChanged = _importsChanged = Now();
    }

    /// <summary>What has to be listed once before the store is synchronised.</summary>
    public IEnumerable<ClusterWatch> Watches => _watches.Select(w => w.Watch);

    /// <summary>Called once when everything has been listed, under the store's lock: it must be quick and must not call back.</summary>
    public Action? Synchronised { get; set; }

    /// <summary>True once everything has been listed.</summary>
    public bool IsSynchronised => _isSynchronised;

    /// <summary>True while a snapshot is served because not everything has been listed yet.</summary>
    public bool IsStale => !_isSynchronised && _hasSnapshot;

    /// <summary>When services and endpoints of the cluster changed last, in seconds of Unix time.</summary>
    public long ChangedAt => Volatile.Read(ref _changed);

    /// <summary>When services with addresses outside changed last, in seconds of Unix time.</summary>
    public long ExternalChangedAt => Volatile.Read(ref _externalChanged);

    /// <summary>When multicluster services changed last, in seconds of Unix time.</summary>
    public long ImportsChangedAt => Volatile.Read(ref _importsChanged);

    /// <summary>A number that grows with each change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Everything that goes by a service's name, in no order; for one who lists it all.</summary>
    public HashIndex<ClusterName> Names => _names;

    /// <summary>How many objects of a kind there are.</summary>
    public int CountOf(ClusterResource resource) => _objects[(int)resource].Count;

    /// <summary>All objects of a kind, in no order.</summary>
    public HashIndex<ClusterObject> AllOf(ClusterResource resource) => _objects[(int)resource];

    /// <summary>Finds what goes by the name of a service.</summary>
    /// <param name="labels">The labels of service and namespace in wire form, lower case: <c>3 w e b 7 d e f a u l t</c>.</param>
    public ClusterName? FindName(ReadOnlySpan<byte> labels)
    {
        foreach (ClusterName name in _names.Find(ClusterKey.OfLabels(labels)))
        {
            if (name.Labels.SequenceEqual(labels))
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Finds what goes by the name of a service.</summary>
    /// <param name="service">The service, lower case.</param>
    /// <param name="namespaceName">Its namespace, lower case.</param>
    public ClusterName? FindName(ReadOnlySpan<byte> service, ReadOnlySpan<byte> namespaceName)
    {
        Span<byte> labels = stackalloc byte[ClusterKey.MaxLabels];
        int length = ClusterKey.WriteLabels(service, namespaceName, labels);
        return length == 0 ? null : FindName(labels[..length]);
    }

    /// <summary>True when a namespace exists.</summary>
    /// <param name="name">Its name, lower case.</param>
    public bool HasNamespace(ReadOnlySpan<byte> name) => Find(ClusterResource.Namespace, default, name) is not null;

    /// <summary>Finds an object by its own name.</summary>
    /// <param name="resource">What it is.</param>
    /// <param name="namespaceName">Its namespace, lower case; empty for a namespace.</param>
    /// <param name="name">Its name, lower case.</param>
    public ClusterObject? Find(ClusterResource resource, ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name)
    {
        foreach (ClusterObject item in _objects[(int)resource].Find(ClusterKey.OfObject(namespaceName, name)))
        {
            if (item.Name.SequenceEqual(name) && item.Namespace.SequenceEqual(namespaceName))
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>The services that may have an address as a cluster address; look at <see cref="ClusterService.ClusterIPs"/>.</summary>
    public HashIndex<ClusterService>.Probe ByClusterIP(ClusterAddress address) => _clusterIPs.Find(ClusterKey.OfAddress(address));

    /// <summary>The services that may have an address outside; look at <see cref="ClusterService.ExternalIPs"/>.</summary>
    public HashIndex<ClusterService>.Probe ByExternalIP(ClusterAddress address) => _externalIPs.Find(ClusterKey.OfAddress(address));

    /// <summary>The slices that may hold an address; look at <see cref="ClusterEndpointSlice.AddressAt"/>. Those of imports are not among them.</summary>
    public HashIndex<ClusterEndpointSlice>.Probe ByEndpoint(ClusterAddress address) => _endpoints.Find(ClusterKey.OfAddress(address));

    /// <summary>The pods that may have an address; look at <see cref="ClusterPod.Addresses"/>. Several pods of a node share its address.</summary>
    public HashIndex<ClusterPod>.Probe ByPodIP(ClusterAddress address) => _pods.Find(ClusterKey.OfAddress(address));

    /// <summary>The Ingresses, Gateways and HTTPRoutes that may have a host name; look at <see cref="ClusterHosts.HostNames"/>.</summary>
    public HashIndex<ClusterHosts>.Probe ByHostName(DnsNameView name) => _hosts.Find(name.Hash);

    /// <summary>The services that may ask for a host name by an annotation; look at <see cref="ClusterService.HostNames"/>.</summary>
    public HashIndex<ClusterService>.Probe ServicesByHostName(DnsNameView name) => _namedServices.Find(name.Hash);

    /// <summary>Puts in an object of a snapshot. It is served as stale until lists have shown everything, and deleted unless they show it too.</summary>
    public void PutStale(ClusterObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_writing)
        {
            // what no list will ever show would stay for ever
            if (!_isSynchronised && _watches.Any(w => !w.IsSynchronised && w.Covers(item)))
            {
                _hasSnapshot = true;
                Put(item, 0);
            }
        }
    }

    /// <inheritdoc/>
    public void BeginList(ClusterWatch watch)
    {
        lock (_writing)
        {
            StateOf(watch).List = ++_lists;
        }
    }

    /// <inheritdoc/>
    public void Put(ClusterWatch watch, ClusterObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_writing)
        {
            WatchState state = StateOf(watch);
            if (state.Covers(item))
            {
                Put(item, state.List);
            }
        }
    }

    /// <inheritdoc/>
    public void Delete(ClusterWatch watch, ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name)
    {
        lock (_writing)
        {
            if (Find(StateOf(watch).Watch.Resource, namespaceName, name) is { } item)
            {
                Remove(item);
            }
        }
    }

    /// <inheritdoc/>
    public void EndList(ClusterWatch watch)
    {
        lock (_writing)
        {
            WatchState state = StateOf(watch);
            foreach (ClusterObject item in _objects[(int)state.Watch.Resource].All())
            {
                if (item.SeenIn != state.List && state.Covers(item))
                {
                    Remove(item);
                }
            }

            state.IsSynchronised = true;
            if (!_isSynchronised && Array.TrueForAll(_watches, w => w.IsSynchronised))
            {
                _isSynchronised = true;
                Synchronised?.Invoke();
            }
        }
    }

    private WatchState StateOf(ClusterWatch watch)
    {
        foreach (WatchState state in _watches)
        {
            if (ReferenceEquals(state.Watch, watch) || state.Watch == watch)
            {
                return state;
            }
        }

        throw new ArgumentException("the watch is none of this store's", nameof(watch));
    }

    private void Put(ClusterObject item, uint list)
    {
        item.SeenIn = list;
        HashIndex<ClusterObject> objects = _objects[(int)item.Resource];
        ulong hash = ClusterKey.OfObject(item.Namespace, item.Name);
        ClusterObject? old = Find(item.Resource, item.Namespace, item.Name);
        if (old is null)
        {
            objects.Add(hash, item);
        }
        else if (old.SaysTheSame(item))
        {
            old.SeenIn = list;
            return;
        }
        else
        {
            objects.Put(hash, old, item);
        }

        Index(old, item);
        Note(old, item);
    }

    private void Remove(ClusterObject item)
    {
        _objects[(int)item.Resource].Remove(ClusterKey.OfObject(item.Namespace, item.Name), item);
        Index(item, null);
        Note(item, null);
    }

    private void Note(ClusterObject? old, ClusterObject? item)
    {
        long now = Now();
        Volatile.Write(ref _version, _version + 1);
        switch (item ?? old)
        {
            case ClusterService:
                Volatile.Write(ref _changed, now);
                if (IsSeenOutside(old) || IsSeenOutside(item))
                {
                    Volatile.Write(ref _externalChanged, now);
                }

                break;
            case ClusterEndpointSlice slice:
                Volatile.Write(ref slice.ImportedService.IsEmpty ? ref _changed : ref _importsChanged, now);
                break;
            case ClusterServiceImport:
                Volatile.Write(ref _importsChanged, now);
                break;
            case ClusterHosts:
                Volatile.Write(ref _externalChanged, now);
                break;
            default:
                break;
        }
    }

    private static bool IsSeenOutside(ClusterObject? item) =>
        item is ClusterService { ExternalIPs.Length: > 0 } or ClusterService { ExternalNames.Length: > 0 } or ClusterService { HostNames.Length: > 0 };

    /// <summary>Puts one object in the place of another wherever objects are found; either may be null.</summary>
    private void Index(ClusterObject? old, ClusterObject? item)
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
        IndexAddresses(_clusterIPs, old is null ? none : old.ClusterIPs, old, item is null ? none : item.ClusterIPs, item);
        IndexAddresses(_externalIPs, old is null ? none : old.ExternalIPs, old, item is null ? none : item.ExternalIPs, item);
        IndexNames(_namedServices, old is null ? default : old.HostNames, old, item is null ? default : item.HostNames, item);
    }

    private void IndexPod(ClusterPod? old, ClusterPod? item)
    {
        ReadOnlySpan<ClusterAddress> none = default;
        IndexAddresses(_pods, old is null ? none : old.Addresses, old, item is null ? none : item.Addresses, item);
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
                    _endpoints.Put(ClusterKey.OfAddress(ClusterAddress.FromOctets(item.AddressAt(i))), old, item);
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
                    _endpoints.Remove(ClusterKey.OfAddress(ClusterAddress.FromOctets(old.AddressAt(i))), old);
                }
            }

            if (!old.ImportedService.IsEmpty && (item is null || !old.ImportedService.SequenceEqual(item.ImportedService)))
            {
                UpdateSlice(old.ImportedService, old.Namespace, old, null, imported: true);
            }
        }
    }

    private void IndexHosts(ClusterHosts? old, ClusterHosts? item) =>
        IndexNames(_hosts, old is null ? default : old.HostNames, old, item is null ? default : item.HostNames, item);

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
            _names.Remove(name.Hash, name);
        }
        else if (isNew && !name.IsEmpty)
        {
            _names.Add(name.Hash, name);
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();

    private sealed class WatchState(ClusterWatch watch)
    {
        private readonly byte[]? _namespace = watch.Namespace is null ? null : System.Text.Encoding.UTF8.GetBytes(watch.Namespace);

        public ClusterWatch Watch => watch;

        public uint List { get; set; }

        public bool IsSynchronised { get; set; }

        public bool Covers(ClusterObject item) => item.Resource == watch.Resource
            && (_namespace is null || (item.Resource == ClusterResource.Namespace ? item.Name : item.Namespace).SequenceEqual(_namespace));
    }
}
