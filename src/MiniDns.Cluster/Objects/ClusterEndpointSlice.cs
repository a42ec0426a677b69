namespace MiniDns.Cluster.Objects;

/// <summary>The ready endpoints of a service, or a part of them: all addresses packed in one array.</summary>
public sealed class ClusterEndpointSlice : ClusterObject
{
    private readonly byte[] _addresses;
    private readonly ClusterPort[] _ports;
    private readonly byte[]? _service;
    private readonly byte[]? _importedService;
    private readonly byte[]? _cluster;
    private readonly TextTable? _hostNames;
    private readonly TextTable? _podNames;
    private readonly TextTable? _zones;
    private readonly byte _stride;

    internal ClusterEndpointSlice(byte[] key, int namespaceLength, byte[]? service, byte[]? importedService, byte[]? cluster, byte stride, byte[] addresses,
        ClusterPort[] ports, TextTable? hostNames, TextTable? podNames, TextTable? zones, long lastChange)
        : base(key, namespaceLength)
    {
        _service = service;
        _importedService = importedService;
        _cluster = cluster;
        _stride = stride;
        _addresses = addresses;
        _ports = ports;
        _hostNames = hostNames;
        _podNames = podNames;
        _zones = zones;
        LastChange = lastChange;
    }

    /// <inheritdoc/>
    public override ClusterResource Resource => ClusterResource.EndpointSlice;

    /// <summary>The service they belong to (label <c>kubernetes.io/service-name</c>); empty when the slice has none.</summary>
    public ReadOnlySpan<byte> Service => _service;

    /// <summary>The multicluster service they belong to (label <c>multicluster.kubernetes.io/service-name</c>); empty for most.</summary>
    public ReadOnlySpan<byte> ImportedService => _importedService;

    /// <summary>The cluster that imported endpoints are in (<c>multicluster.kubernetes.io/source-cluster</c>).</summary>
    public ReadOnlySpan<byte> Cluster => _cluster;

    /// <summary>How many ready addresses there are.</summary>
    public int Count => _addresses.Length / _stride;

    /// <summary>True when the addresses are IPv4. A slice is of one family.</summary>
    public bool IsIPv4 => _stride == 4;

    /// <summary>The ports; one of number <see cref="ClusterPort.NoPort"/> when the slice has none.</summary>
    public ReadOnlySpan<ClusterPort> Ports => _ports;

    /// <summary>When what the slice tells changed, in milliseconds of Unix time; 0 when it does not say so.</summary>
    public long LastChange { get; }

    /// <summary>The 4 or 16 octets of an address.</summary>
    public ReadOnlySpan<byte> AddressAt(int index) => _addresses.AsSpan(index * _stride, _stride);

    /// <summary>The host name of an endpoint, lower case; empty for most.</summary>
    public ReadOnlySpan<byte> HostNameAt(int index) => _hostNames is null ? default : _hostNames[index];

    /// <summary>The name of the pod behind an endpoint; empty when unknown, too long for a label or not kept.</summary>
    public ReadOnlySpan<byte> PodNameAt(int index) => _podNames is null ? default : _podNames[index];

    /// <summary>The topology zone of an endpoint, lower case; empty when unknown or not kept.</summary>
    public ReadOnlySpan<byte> ZoneAt(int index) => _zones is null ? default : _zones[index];

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterEndpointSlice slice
        && _stride == slice._stride && Service.SequenceEqual(slice.Service) && ImportedService.SequenceEqual(slice.ImportedService) && Cluster.SequenceEqual(slice.Cluster)
        && _addresses.AsSpan().SequenceEqual(slice._addresses) && Ports.SequenceEqual(slice.Ports)
        && TextTable.Same(_hostNames, slice._hostNames) && TextTable.Same(_podNames, slice._podNames) && TextTable.Same(_zones, slice._zones);
}
