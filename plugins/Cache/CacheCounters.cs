using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Cache;

/// <summary>What is counted of the queries that came in at one address; names and labels are CoreDNS's, where it has them.</summary>
internal sealed class CacheCounters
{
    /// <summary>Finds or makes the series.</summary>
    /// <param name="registry">The process's series.</param>
    /// <param name="labels">Server, zones and view.</param>
    public CacheCounters(MetricRegistry registry, (string, string)[] labels)
    {
        StripedCounter Counter(string name, string help, params ReadOnlySpan<(string, string)> more) => registry.Counter(name, help, [.. labels, .. more]);

        Requests = Counter("coredns_cache_requests_total", "The count of cache requests.");
        Misses = Counter("coredns_cache_misses_total", "The count of cache misses. Deprecated: it is requests less hits.");
        SuccessHits = Counter("coredns_cache_hits_total", "The count of cache hits.", ("type", CacheMetrics.Success));
        DenialHits = Counter("coredns_cache_hits_total", "The count of cache hits.", ("type", CacheMetrics.Denial));
        Drops = Counter("coredns_cache_drops_total", "The count of responses not kept because they answer another question.");
        ServedStale = Counter("coredns_cache_served_stale_total", "The count of requests answered from expired entries.");
        Prefetches = Counter("coredns_cache_prefetch_total", "The count of entries asked for again in the background.");
        RefreshesSkipped = Counter("minidns_cache_refreshes_skipped_total", "The count of refreshes not begun because too many were under way.");
        Coalesced = Counter("minidns_cache_coalesced_total", "The count of requests that waited for the answer to the same question of another one.");
        WaitersDropped = Counter("minidns_cache_waiters_dropped_total", "The count of requests dropped because too many waited already.");
    }

    public StripedCounter Requests { get; }

    public StripedCounter Misses { get; }

    public StripedCounter SuccessHits { get; }

    public StripedCounter DenialHits { get; }

    public StripedCounter Drops { get; }

    public StripedCounter ServedStale { get; }

    public StripedCounter Prefetches { get; }

    public StripedCounter RefreshesSkipped { get; }

    public StripedCounter Coalesced { get; }

    public StripedCounter WaitersDropped { get; }
}
