using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>Has each query of a client counted when its reply is on its way. The server's own questions are not counted.</summary>
internal sealed class PrometheusHandler(IDnsHandler next, QueryMetrics metrics) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Depth == 0)
        {
            query.Observe(metrics);
        }

        return next.HandleAsync(query);
    }
}
