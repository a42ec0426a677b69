using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Objects;

/// <summary>Host names that an Ingress, a Gateway or an HTTPRoute brings in from outside, and where they lead.</summary>
public sealed class ClusterHosts : ClusterObject
{
    private readonly DnsName[] _hostNames;
    private readonly ClusterAddress[] _addresses;
    private readonly DnsName[] _targets;
    private readonly ClusterReference[] _parents;

    internal ClusterHosts(ClusterResource resource, byte[] key, int namespaceLength, DnsName[] hostNames, ClusterAddress[] addresses, DnsName[] targets, ClusterReference[] parents)
        : base(key, namespaceLength)
    {
        Resource = resource;
        _hostNames = hostNames;
        _addresses = addresses;
        _targets = targets;
        _parents = parents;
    }

    /// <inheritdoc/>
    public override ClusterResource Resource { get; }

    /// <summary><c>spec.rules[].host</c> of an Ingress, <c>spec.listeners[].hostname</c> of a Gateway, <c>spec.hostnames[]</c> of an HTTPRoute;
    /// a wildcard has the first label <c>*</c>.</summary>
    public ReadOnlySpan<DnsName> HostNames => _hostNames;

    /// <summary>The addresses that the status tells: of the load balancer, of the Gateway; none for an HTTPRoute.</summary>
    public ReadOnlySpan<ClusterAddress> Addresses => _addresses;

    /// <summary>The host names that the status tells in place of addresses.</summary>
    public ReadOnlySpan<DnsName> Targets => _targets;

    /// <summary>The Gateways that an HTTPRoute is attached to (<c>spec.parentRefs</c>).</summary>
    public ReadOnlySpan<ClusterReference> Parents => _parents;

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterHosts hosts
        && Resource == hosts.Resource && HostNames.SequenceEqual(hosts.HostNames) && Addresses.SequenceEqual(hosts.Addresses)
        && Targets.SequenceEqual(hosts.Targets) && Parents.SequenceEqual(hosts.Parents);
}
