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
    private readonly ClusterIndexes _indexes = new();
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
    public HashIndex<ClusterName> Names => _indexes.Names;

    /// <summary>How many objects of a kind there are.</summary>
    public int CountOf(ClusterResource resource) => _objects[(int)resource].Count;

    /// <summary>All objects of a kind, in no order.</summary>
    public HashIndex<ClusterObject> AllOf(ClusterResource resource) => _objects[(int)resource];

    /// <summary>Finds what goes by the name of a service.</summary>
    /// <param name="labels">The labels of service and namespace in wire form, lower case: <c>3 w e b 7 d e f a u l t</c>.</param>
    public ClusterName? FindName(ReadOnlySpan<byte> labels) => _indexes.FindName(labels);

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
    public HashIndex<ClusterService>.Probe ByClusterIP(ClusterAddress address) => _indexes.ClusterIPs.Find(ClusterKey.OfAddress(address));

    /// <summary>The services that may have an address outside; look at <see cref="ClusterService.ExternalIPs"/>.</summary>
    public HashIndex<ClusterService>.Probe ByExternalIP(ClusterAddress address) => _indexes.ExternalIPs.Find(ClusterKey.OfAddress(address));

    /// <summary>The slices that may hold an address; look at <see cref="ClusterEndpointSlice.AddressAt"/>. Those of imports are not among them.</summary>
    public HashIndex<ClusterEndpointSlice>.Probe ByEndpoint(ClusterAddress address) => _indexes.Endpoints.Find(ClusterKey.OfAddress(address));

    /// <summary>The pods that may have an address; look at <see cref="ClusterPod.Addresses"/>. Several pods of a node share its address.</summary>
    public HashIndex<ClusterPod>.Probe ByPodIP(ClusterAddress address) => _indexes.Pods.Find(ClusterKey.OfAddress(address));

    /// <summary>The Ingresses, Gateways and HTTPRoutes that may have a host name; look at <see cref="ClusterHosts.HostNames"/>.</summary>
    public HashIndex<ClusterHosts>.Probe ByHostName(DnsNameView name) => _indexes.Hosts.Find(name.Hash);

    /// <summary>The services that may ask for a host name by an annotation; look at <see cref="ClusterService.HostNames"/>.</summary>
    public HashIndex<ClusterService>.Probe ServicesByHostName(DnsNameView name) => _indexes.NamedServices.Find(name.Hash);

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

        _indexes.Put(old, item);
        Note(old, item);
    }

    private void Remove(ClusterObject item)
    {
        _objects[(int)item.Resource].Remove(ClusterKey.OfObject(item.Namespace, item.Name), item);
        _indexes.Put(item, null);
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

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();
}
