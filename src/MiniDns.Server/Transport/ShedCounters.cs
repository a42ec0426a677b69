using MiniDns.Diagnostics;

namespace MiniDns.Server.Transport;

/// <summary>Counts what is dropped of UDP for want of room, at one address, under CoreDNS's name.</summary>
/// <param name="Queries">Queries that no plugin saw.</param>
/// <param name="Responses">Replies that were not sent: their query was given up for a newer one, or the socket did not take them.</param>
internal sealed record ShedCounters(StripedCounter Queries, StripedCounter Responses)
{
    /// <summary>The counters of an address; null when its configuration asks for none.</summary>
    public static ShedCounters? Of(EndpointSettings settings, MetricRegistry metrics)
    {
        return settings.ShedLabel is { } server ? new ShedCounters(Counter("query"), Counter("response")) : null;

        StripedCounter Counter(string reason) => metrics.Counter(
            "coredns_shed_dropped_total", "Counter of queries and responses dropped, per server, by reason.", ("server", server), ("reason", reason));
    }
}
