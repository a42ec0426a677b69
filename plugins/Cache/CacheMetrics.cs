using MiniDns.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>The series of one cache.</summary>
internal sealed class CacheMetrics
{
    private readonly MetricRegistry _registry;
    private readonly ServerBlockInfo _block;
    private readonly string _zones;
    private readonly PerServer<CacheCounters> _counters;

    /// <summary>Makes the series come into being when the block is wired (<see cref="Observe"/>), or with the first query.</summary>
    /// <param name="registry">The process's series.</param>
    /// <param name="block">The cache's block.</param>
    /// <param name="zones">The cache's zones, with commas between them.</param>
    public CacheMetrics(MetricRegistry registry, ServerBlockInfo block, string zones)
    {
        _registry = registry;
        _block = block;
        _zones = zones;
        _counters = new PerServer<CacheCounters>(server => new CacheCounters(registry, Labels(server)));
    }

    /// <summary>The label of responses with data.</summary>
    public static string Success => "success";

    /// <summary>The label of denials.</summary>
    public static string Denial => "denial";

    /// <summary>The counters of the address that a query came in at.</summary>
    public CacheCounters Of(DnsQuery query) => _counters[query.Endpoint];

    /// <summary>Makes the metrics tell about a store, once the block's addresses are known. A store that several addresses share is told of
    /// under the first.</summary>
    public void Observe(CacheStore store)
    {
        _counters.MakeAll(_block.Servers);
        (string, string)[] labels = Labels(_block.Servers is [ServerEndpoint first, ..] ? first : ServerEndpoint.None);
        foreach ((string type, CacheTable table) in new[] { (Success, store.Success), (Denial, store.Denial) })
        {
            (string, string)[] all = [.. labels, ("type", type)];
            _registry.Gauge("coredns_cache_entries", "The number of entries, expired ones included.", () => table.Count, all);
            _registry.Gauge("minidns_cache_bytes", "What the entries take in memory, in octets.", () => table.Octets, all);
            table.CountEvictionsIn(_registry.Counter("coredns_cache_evictions_total", "The count of entries dropped to stay within the limits.", all));
        }
    }

    private (string, string)[] Labels(ServerEndpoint server) => [("server", server.Label), ("zones", _zones), ("view", _block.ViewName)];
}
