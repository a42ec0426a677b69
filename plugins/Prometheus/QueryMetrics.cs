using MiniDns.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>The metrics of one server block's queries, by server and zone.</summary>
internal sealed class QueryMetrics(MetricRegistry registry, TimeProvider time, ServerBlockInfo block) : IReplyObserver
{
    private readonly ZoneMetricsTable _table = new(registry, time, block);

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength) => _table.Count(query, query.Zone, label: null, replyLength);
}
