using MiniDns.Diagnostics;
using MiniDns.Testing;
using Xunit;

namespace MiniDns.Core.Tests.Diagnostics;

public class StripedHistogramTests
{
    [Fact]
    public void A_value_counts_in_its_bucket_and_all_above()
    {
        var histogram = new StripedHistogram([1, 2, 4]);
        foreach (double value in (double[])[0.5, 1, 1.5, 4, 100])
        {
            histogram.Observe(value);
        }

        long[] counts = new long[4];
        histogram.Read(counts, out double sum);
        Assert.Equal([2, 3, 4, 5], counts);
        Assert.Equal(107, sum);
    }

    [Fact]
    public void Nothing_is_lost_when_many_threads_observe()
    {
        var histogram = new StripedHistogram(MetricBuckets.Seconds);
        Thread[] threads = [.. Enumerable.Range(0, 48).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                histogram.Observe(0.5);
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        long[] counts = new long[MetricBuckets.Seconds.Length + 1];
        histogram.Read(counts, out double sum);
        Assert.Equal(480_000, counts[^1]);
        Assert.Equal(240_000, sum);
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        var histogram = new StripedHistogram(MetricBuckets.Seconds);
        AllocationAssert.None(() => histogram.Observe(0.003));
    }

    [Fact]
    public void Bounds_must_rise() => Assert.Throws<ArgumentException>(() => new StripedHistogram([1, 1]));

    [Fact]
    public void The_registry_gives_everybody_the_same_one()
    {
        var registry = new MetricRegistry();
        StripedHistogram first = registry.Histogram("x_seconds", "x", [1, 2], ("server", "a"));
        Assert.Same(first, registry.Histogram("x_seconds", "x", [1, 2], ("server", "a")));
        first.Observe(1);
        MetricSeries series = Assert.Single(registry.Snapshot());
        Assert.Equal((MetricKind.Histogram, 1.0), (series.Kind, series.Read()));
        Assert.Throws<InvalidOperationException>(() => registry.Counter("x_seconds", "x", ("server", "a")));
    }
}
