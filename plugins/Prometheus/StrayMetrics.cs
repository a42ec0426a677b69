using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>Counts the messages that no server block takes, under a zone name that no zone has.</summary>
internal sealed class StrayMetrics(MetricRegistry registry, TimeProvider time) : IStrayObserver
{
    private const string Zone = "dropped";

    private readonly Lock _adding = new();
    private volatile ZoneMetrics[] _servers = [];

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength)
    {
        ServerEndpoint server = query.Endpoint;
        ZoneMetrics? metrics = Find(server);
        if (metrics is null)
        {
            lock (_adding)
            {
                metrics = Find(server);
                if (metrics is null)
                {
                    metrics = new ZoneMetrics(registry, server, DnsName.Root, Zone, "");
                    _servers = [.. _servers, metrics];
                }
            }
        }

        metrics.Count(query, replyLength, time.GetElapsedTime(query.ReceivedAt).TotalSeconds);
    }

    private ZoneMetrics? Find(ServerEndpoint server)
    {
        foreach (ZoneMetrics metrics in _servers)
        {
            if (metrics.IsOf(server, DnsName.Root))
            {
                return metrics;
            }
        }

        return null;
    }
}
