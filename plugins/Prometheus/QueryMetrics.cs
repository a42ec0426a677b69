using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>The metrics of one server block's queries, by server and zone.</summary>
internal sealed class QueryMetrics(MetricRegistry registry, TimeProvider time, ServerBlockInfo block) : IReplyObserver
{
    private readonly Lock _adding = new();
    private volatile ZoneMetrics[] _zones = [];

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength) =>
        Of(query.Endpoint, query.Zone).Count(query, replyLength, time.GetElapsedTime(query.ReceivedAt).TotalSeconds);

    private ZoneMetrics Of(ServerEndpoint server, DnsName zone)
    {
        foreach (ZoneMetrics metrics in _zones)
        {
            if (metrics.IsOf(server, zone))
            {
                return metrics;
            }
        }

        return Add(server, zone);
    }

    private ZoneMetrics Add(ServerEndpoint server, DnsName zone)
    {
        lock (_adding)
        {
            if (Array.Find(_zones, z => z.IsOf(server, zone)) is { } known)
            {
                return known;
            }

            var added = new ZoneMetrics(registry, server, zone, zone.ToString(), block.ViewName);
            _zones = [.. _zones, added];
            return added;
        }
    }
}
