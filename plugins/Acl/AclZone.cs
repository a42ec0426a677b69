using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>A zone of a rule, with its counters.</summary>
internal sealed class AclZone
{
    private readonly PerServer<StripedCounter> _blocked;
    private readonly PerServer<StripedCounter> _filtered;
    private readonly PerServer<StripedCounter> _dropped;

    /// <summary>Finds or makes the series; names and labels are CoreDNS's.</summary>
    public AclZone(DnsName zone, MetricRegistry registry, ServerBlockInfo block)
    {
        PerServer<StripedCounter> Counter(string name, string help) => new(server => registry.Counter(
            name, help, ("server", server.Label), ("zone", zone.ToString()), ("view", block.ViewName)));

        _blocked = Counter("coredns_acl_blocked_requests_total", "Counter of DNS requests being blocked.");
        _filtered = Counter("coredns_acl_filtered_requests_total", "Counter of DNS requests being filtered.");
        _dropped = Counter("coredns_acl_dropped_requests_total", "Counter of DNS requests being dropped.");
    }

    /// <summary>Makes the series of some addresses.</summary>
    public void PublishMetrics(IReadOnlyList<ServerEndpoint> servers)
    {
        _blocked.MakeAll(servers);
        _filtered.MakeAll(servers);
        _dropped.MakeAll(servers);
    }

    /// <summary>Counts a query that was denied.</summary>
    public void Count(DnsQuery query, AclAction action) =>
        (action switch
        {
            AclAction.Block => _blocked,
            AclAction.Filter => _filtered,
            _ => _dropped,
        })[query.Endpoint].Increment();
}
