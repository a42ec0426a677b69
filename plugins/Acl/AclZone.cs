using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Acl;

/// <summary>A zone of a rule, with its counters.</summary>
internal sealed class AclZone
{
    private readonly StripedCounter _blocked;
    private readonly StripedCounter _filtered;
    private readonly StripedCounter _dropped;

    /// <summary>Finds or makes the series; the names are CoreDNS's.</summary>
    public AclZone(DnsName zone, MetricRegistry registry)
    {
        (string, string) label = ("zone", zone.ToString());
        _blocked = registry.Counter("coredns_acl_blocked_requests_total", "Counter of DNS requests being blocked.", label);
        _filtered = registry.Counter("coredns_acl_filtered_requests_total", "Counter of DNS requests being filtered.", label);
        _dropped = registry.Counter("coredns_acl_dropped_requests_total", "Counter of DNS requests being dropped.", label);
    }

    /// <summary>Counts a query that was denied.</summary>
    public void Count(AclAction action) =>
        (action switch
        {
            AclAction.Block => _blocked,
            AclAction.Filter => _filtered,
            _ => _dropped,
        }).Increment();
}
