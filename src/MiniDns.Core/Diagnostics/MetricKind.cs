namespace MiniDns.Diagnostics;

/// <summary>What a metric is.</summary>
public enum MetricKind
{
    /// <summary>A number that only grows.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>How values are spread over buckets (<see cref="StripedHistogram"/>).</summary>
    Histogram,
}
