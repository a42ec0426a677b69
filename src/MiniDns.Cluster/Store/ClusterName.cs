using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Store;

/// <summary>All that goes by one service name in one namespace: each part is replaced by itself, and a reader takes each once.</summary>
public sealed class ClusterName
{
    private readonly byte[] _labels;
    private ClusterService? _service;
    private ClusterServiceImport? _import;
    private ClusterEndpointSlice[] _slices = [];
    private ClusterEndpointSlice[] _importedSlices = [];
    private object? _derived;

    internal ClusterName(byte[] labels, ulong hash)
    {
        _labels = labels;
        Hash = hash;
    }

    /// <summary>The labels of service and namespace in wire form, without a root label: <c>3 w e b 7 d e f a u l t</c>.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>The service; null when there are only endpoints or an import.</summary>
    public ClusterService? Service
    {
        get => Volatile.Read(ref _service);
        internal set => Volatile.Write(ref _service, value);
    }

    /// <summary>The multicluster service; null for most.</summary>
    public ClusterServiceImport? Import
    {
        get => Volatile.Read(ref _import);
        internal set => Volatile.Write(ref _import, value);
    }

    /// <summary>The endpoints of <see cref="Service"/>, ordered by the names of the slices.</summary>
    public ReadOnlySpan<ClusterEndpointSlice> Slices => Volatile.Read(ref _slices);

    /// <summary>Something made of the endpoints, kept by who made it: it has to look whether they are still the same. Null at first.</summary>
    public object? Derived
    {
        get => Volatile.Read(ref _derived);
        set => Volatile.Write(ref _derived, value);
    }

    /// <summary>The endpoints of <see cref="Import"/> in all clusters, ordered by the names of the slices.</summary>
    public ReadOnlySpan<ClusterEndpointSlice> ImportedSlices => Volatile.Read(ref _importedSlices);

    internal ulong Hash { get; }

    internal bool IsEmpty => _service is null && _import is null && _slices.Length == 0 && _importedSlices.Length == 0;

    internal void ReplaceSlice(ClusterEndpointSlice? old, ClusterEndpointSlice? item, bool imported)
    {
        ref ClusterEndpointSlice[] slices = ref imported ? ref _importedSlices : ref _slices;
        ClusterEndpointSlice[] now = [.. slices.Where(s => !ReferenceEquals(s, old))];
        if (item is not null)
        {
            int at = 0;
            while (at < now.Length && now[at].Name.SequenceCompareTo(item.Name) < 0)
            {
                at++;
            }

            now = [.. now[..at], item, .. now[at..]];
        }

        Volatile.Write(ref slices, now);
    }
}
