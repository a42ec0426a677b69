using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Cache;

/// <summary>The series of one cache, resolved once; names and labels are CoreDNS's.</summary>
internal sealed class CacheMetrics
{
    private readonly MetricRegistry _registry;
    private readonly string _zones;

    /// <summary>Finds or makes the series.</summary>
    /// <param name="registry">The process's series.</param>
    /// <param name="zones">The cache's zones, with commas between them.</param>
    public CacheMetrics(MetricRegistry registry, string zones)
    {
        _registry = registry;
        _zones = zones;
        Requests = Counter("coredns_cache_requests_total", "The count of cache requests.");
        Misses = Counter("coredns_cache_misses_total", "The count of cache misses. Deprecated: it is requests less hits.");
        SuccessHits = Counter("coredns_cache_hits_total", "The count of cache hits.", Success);
        DenialHits = Counter("coredns_cache_hits_total", "The count of cache hits.", Denial);
        Drops = Counter("coredns_cache_drops_total", "The count of responses not kept because they answer another question.");
        ServedStale = Counter("coredns_cache_served_stale_total", "The count of requests answered from expired entries.");
        Prefetches = Counter("coredns_cache_prefetch_total", "The count of entries asked for again in the background.");
        RefreshesSkipped = Counter("coredns_cache_refreshes_skipped_total", "The count of refreshes not begun because too many were under way.");
        Coalesced = Counter("coredns_cache_coalesced_total", "The count of requests that waited for the answer to the same question of another one.");
        WaitersDropped = Counter("coredns_cache_waiters_dropped_total", "The count of requests dropped because too many waited already.");
        SuccessEvictions = Counter("coredns_cache_evictions_total", "The count of entries dropped to stay within the limits.", Success);
        DenialEvictions = Counter("coredns_cache_evictions_total", "The count of entries dropped to stay within the limits.", Denial);
    }

    /// <summary>The label of responses with data.</summary>
    public static string Success => "success";

    /// <summary>The label of denials.</summary>
    public static string Denial => "denial";

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

    public StripedCounter SuccessEvictions { get; }

    public StripedCounter DenialEvictions { get; }

    /// <summary>Makes the gauges tell about a store.</summary>
    public void Observe(CacheStore store)
    {
        foreach ((string type, CacheTable table) in new[] { (Success, store.Success), (Denial, store.Denial) })
        {
            _registry.Gauge("coredns_cache_entries", "The number of entries, expired ones included.", () => table.Count, ("type", type), ("zones", _zones));
            _registry.Gauge("coredns_cache_bytes", "What the entries take in memory, in octets.", () => table.Octets, ("type", type), ("zones", _zones));
        }
    }

    private StripedCounter Counter(string name, string help) => _registry.Counter(name, help, ("zones", _zones));

    private StripedCounter Counter(string name, string help, string type) => _registry.Counter(name, help, ("type", type), ("zones", _zones));
}
