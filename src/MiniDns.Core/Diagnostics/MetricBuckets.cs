namespace MiniDns.Diagnostics;

/// <summary>The buckets that CoreDNS's histograms have.</summary>
public static class MetricBuckets
{
    /// <summary>Durations in seconds: from a quarter of a millisecond, each twice the one before, to 8.192 s.</summary>
    public static ReadOnlySpan<double> Seconds =>
        [0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192];

    /// <summary>Message sizes in octets.</summary>
    public static ReadOnlySpan<double> Octets => [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000];
}
