using MiniDns.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dnssec;

/// <summary>The series of one directive.</summary>
/// <param name="registry">The process's series.</param>
/// <param name="block">The directive's block.</param>
internal sealed class DnssecMetrics(MetricRegistry registry, ServerBlockInfo block)
{
    private readonly PerServer<DnssecCounters> _counters = new(server => new DnssecCounters(
        registry.Counter("coredns_dnssec_cache_hits_total", "The count of RRsets whose signatures were in the cache.", ("server", server.Label)),
        registry.Counter("coredns_dnssec_cache_misses_total", "The count of RRsets whose signatures had to be made.", ("server", server.Label))));

    /// <summary>The counters of the address that a query came in at.</summary>
    public DnssecCounters Of(DnsQuery query) => _counters[query.Endpoint];

    /// <summary>Makes the metrics tell about a cache, once the block's addresses are known. A cache that several addresses share is told of
    /// under the first.</summary>
    public void Observe(SignatureCache cache)
    {
        _counters.MakeAll(block.Servers);
        string server = (block.Servers is [ServerEndpoint first, ..] ? first : ServerEndpoint.None).Label;
        registry.Gauge("coredns_dnssec_cache_entries", "The number of RRsets whose signatures are in the cache.", () => cache.Count, ("server", server), ("type", "signature"));
    }
}
