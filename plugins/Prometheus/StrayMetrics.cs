using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>Counts the messages that no server block takes, under a zone name that no zone has.</summary>
internal sealed class StrayMetrics(MetricRegistry registry, TimeProvider time) : IStrayObserver
{
    private readonly ZoneMetricsTable _table = new(registry, time, block: null);

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength) => _table.Count(query, DnsName.Root, "dropped", replyLength);
}
