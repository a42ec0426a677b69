using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Search;

/// <summary>The plugin's counters.</summary>
internal sealed class SearchMetrics(MetricRegistry registry)
{
    /// <summary>Questions answered with a name in a search domain.</summary>
    public StripedCounter Answers { get; } = registry.Counter("minidns_search_answers_total", "Questions answered with a name in a search domain.");

    /// <summary>Questions for which no search domain has the name.</summary>
    public StripedCounter Misses { get; } = registry.Counter("minidns_search_misses_total", "Questions for a name that no search domain has.");

    /// <summary>Questions that failed because a domain could not be asked.</summary>
    public StripedCounter Failures { get; } = registry.Counter("minidns_search_failures_total", "Questions that failed because a search domain could not be asked.");

    /// <summary>The server's own questions for names in search domains.</summary>
    public StripedCounter Lookups { get; } = registry.Counter("minidns_search_lookups_total", "The server's own questions for names in search domains.");
}
