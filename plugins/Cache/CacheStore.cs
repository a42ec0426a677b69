using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Cache;

/// <summary>What a cache knows: responses that answer and responses that deny, each bounded for itself. It outlives a reload that leaves what
/// answers as it was.</summary>
/// <param name="options">What is kept.</param>
/// <param name="source">The directives behind the cache, which its content comes from (<see cref="PluginSetup.TextBehind"/>).</param>
/// <param name="frequency">The clock's ticks a second.</param>
internal sealed class CacheStore(CacheOptions options, string source, long frequency)
{
    /// <summary>The directives that the content comes from.</summary>
    public string Source { get; } = source;

    /// <summary>The options that the content was kept under.</summary>
    public CacheOptions Options { get; } = options;

    /// <summary>Responses with data, referrals, and empty ones that deny nothing.</summary>
    public CacheTable Success { get; } =
        new(options.Success.Capacity, options.Success.OctetLimit, frequency, (long)options.StaleFor.TotalSeconds, new StripedCounter());

    /// <summary>NXDOMAIN, NODATA and failures.</summary>
    public CacheTable Denial { get; } =
        new(options.Denial.Capacity, options.Denial.OctetLimit, frequency, (long)options.StaleFor.TotalSeconds, new StripedCounter());

    /// <summary>True when the content may be used under other options and in front of other directives: nothing in it would not have been kept under
    /// those, and what was answered then is what would be answered now.</summary>
    public bool Suits(CacheOptions options, string source) =>
        Source.Equals(source, StringComparison.Ordinal)
        && Options.Success == options.Success
        && Options.Denial == options.Denial
        && Options.FailureTtl == options.FailureTtl
        && Options.StaleFor == options.StaleFor
        && Options.PreferPositive == options.PreferPositive
        && Options.Zones.SequenceEqual(options.Zones)
        && Options.SuccessExcept.SequenceEqual(options.SuccessExcept)
        && Options.DenialExcept.SequenceEqual(options.DenialExcept);
}
