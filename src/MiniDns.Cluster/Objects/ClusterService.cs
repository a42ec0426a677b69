using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Objects;

/// <summary>A service.</summary>
public sealed class ClusterService : ClusterObject
{
    private readonly ClusterAddress[] _clusterIPs;
    private readonly ClusterPort[] _ports;
    private readonly ClusterAddress[] _externalIPs;
    private readonly DnsName[] _externalNames;
    private readonly DnsName[] _hostNames;

    internal ClusterService(byte[] key, int namespaceLength, ClusterServiceType type, bool isHeadless, DnsName? externalName,
        ClusterAddress[] clusterIPs, ClusterPort[] ports, ClusterAddress[] externalIPs, DnsName[] externalNames, DnsName[] hostNames)
        : base(key, namespaceLength)
    {
        Type = type;
        IsHeadless = isHeadless;
        ExternalName = externalName;
        _clusterIPs = clusterIPs;
        _ports = ports;
        _externalIPs = externalIPs;
        _externalNames = externalNames;
        _hostNames = hostNames;
    }

    /// <inheritdoc/>
    public override ClusterResource Resource => ClusterResource.Service;

    /// <summary>What it is.</summary>
    public ClusterServiceType Type { get; }

    /// <summary>True when its cluster address is <c>None</c>: its endpoints are the answer.</summary>
    public bool IsHeadless { get; }

    /// <summary>The name that an <see cref="ClusterServiceType.ExternalName"/> service stands for; null when it is no name but an address.</summary>
    public DnsName? ExternalName { get; }

    /// <summary>The addresses in the cluster, of both families.</summary>
    public ReadOnlySpan<ClusterAddress> ClusterIPs => _clusterIPs;

    /// <summary>The ports; one of number <see cref="ClusterPort.NoPort"/> when the service has none.</summary>
    public ReadOnlySpan<ClusterPort> Ports => _ports;

    /// <summary><c>spec.externalIPs</c> and the addresses of load balancers.</summary>
    public ReadOnlySpan<ClusterAddress> ExternalIPs => _externalIPs;

    /// <summary>The host names of load balancers that have one in place of an address.</summary>
    public ReadOnlySpan<DnsName> ExternalNames => _externalNames;

    /// <summary>The names that annotations ask for; empty unless <see cref="ClusterFields.HostNameAnnotations"/> are kept.</summary>
    public ReadOnlySpan<DnsName> HostNames => _hostNames;

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterService service
        && Type == service.Type && IsHeadless == service.IsHeadless && Equals(ExternalName, service.ExternalName)
        && ClusterIPs.SequenceEqual(service.ClusterIPs) && Ports.SequenceEqual(service.Ports)
        && ExternalIPs.SequenceEqual(service.ExternalIPs) && ExternalNames.SequenceEqual(service.ExternalNames)
        && HostNames.SequenceEqual(service.HostNames);
}
