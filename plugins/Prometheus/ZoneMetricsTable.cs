using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>The metrics of some queries by server and zone; those of a pair come into being with its first query.</summary>
/// <param name="registry">Keeps the series.</param>
/// <param name="time">The clock that queries' arrival was taken from.</param>
/// <param name="block">Their block, whose view is named once it is wired; null for queries of no block.</param>
internal sealed class ZoneMetricsTable(MetricRegistry registry, TimeProvider time, ServerBlockInfo? block)
{
    private readonly Lock _adding = new();
    private volatile ZoneMetrics[] _entries = [];

    /// <summary>Counts a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="zone">The zone that it counts for.</param>
    /// <param name="label">What the zone is called; its name when null.</param>
    /// <param name="replyLength">The reply's octets; 0 for none.</param>
    public void Count(DnsQuery query, DnsName zone, string? label, int replyLength) =>
        (Find(query.Endpoint, zone) ?? Add(query.Endpoint, zone, label)).Count(query, replyLength, time.GetElapsedTime(query.ReceivedAt).TotalSeconds);

    private ZoneMetrics? Find(ServerEndpoint server, DnsName zone)
    {
        foreach (ZoneMetrics metrics in _entries)
        {
            if (metrics.IsOf(server, zone))
            {
                return metrics;
            }
        }

        return null;
    }

    private ZoneMetrics Add(ServerEndpoint server, DnsName zone, string? label)
    {
        lock (_adding)
        {
            if (Find(server, zone) is { } known)
            {
                return known;
            }

            var added = new ZoneMetrics(registry, server, zone, label ?? zone.ToString(), block?.ViewName ?? "");
            _entries = [.. _entries, added];
            return added;
        }
    }
}
