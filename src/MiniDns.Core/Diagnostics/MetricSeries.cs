namespace MiniDns.Diagnostics;

/// <summary>One time series: a metric with its labels.</summary>
/// <param name="Name">The metric's name, <c>coredns_cache_hits_total</c>.</param>
/// <param name="Help">What it counts.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Labels">Label names and values, in a fixed order.</param>
/// <param name="Read">Reads the present value; for a histogram, how many values were observed.</param>
public sealed record MetricSeries(string Name, string Help, MetricKind Kind, IReadOnlyList<KeyValuePair<string, string>> Labels, Func<double> Read)
{
    /// <summary>True when the value is always a whole number.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The histogram, when it is one.</summary>
    public StripedHistogram? Histogram { get; init; }
}
