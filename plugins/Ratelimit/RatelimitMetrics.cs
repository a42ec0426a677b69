using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>The counters, resolved when the configuration is read.</summary>
internal sealed class RatelimitMetrics(MetricRegistry metrics)
{
    private static readonly string[] Classes = ["responses", "nodata", "nxdomain", "referrals", "errors", "all", "queries", "queries"];

    /// <summary>Dropped, by class.</summary>
    public StripedCounter[] Dropped { get; } = ForEach(metrics, "drop");

    /// <summary>Truncated, by class.</summary>
    public StripedCounter[] Truncated { get; } = ForEach(metrics, "truncate");

    /// <summary>Sent although they were too many, by class.</summary>
    public StripedCounter[] Passed { get; } = ForEach(metrics, "pass");

    /// <summary>Refused, by class.</summary>
    public StripedCounter[] Refused { get; } = ForEach(metrics, "refuse");

    /// <summary>Queries whose cookie proves their address.</summary>
    public StripedCounter GoodCookies { get; } = Cookies(metrics, "good");

    /// <summary>Queries whose cookie proves nothing.</summary>
    public StripedCounter BadCookies { get; } = Cookies(metrics, "bad");

    /// <summary>Queries with the client's half of a cookie.</summary>
    public StripedCounter HalfCookies { get; } = Cookies(metrics, "client_only");

    private static StripedCounter[] ForEach(MetricRegistry metrics, string action) =>
        [.. Classes.Select(c => metrics.Counter("minidns_ratelimit_limited_total", "What was too much for a client's network, and what became of it.", ("class", c), ("action", action)))];

    private static StripedCounter Cookies(MetricRegistry metrics, string verdict) =>
        metrics.Counter("minidns_ratelimit_cookies_total", "Queries with a COOKIE option.", ("verdict", verdict));
}
