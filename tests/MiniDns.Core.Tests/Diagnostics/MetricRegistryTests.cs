using MiniDns.Diagnostics;

namespace MiniDns.Core.Tests.Diagnostics;

public class MetricRegistryTests
{
    private readonly MetricRegistry _metrics = new();

    [Fact]
    public void A_counter_is_the_same_one_for_every_caller()
    {
        StripedCounter first = _metrics.Counter("a_total", "help", ("server", "dns://:53"), ("zone", "."));
        Assert.Same(first, _metrics.Counter("a_total", "other help", ("server", "dns://:53"), ("zone", ".")));
        Assert.NotSame(first, _metrics.Counter("a_total", "help", ("server", "dns://:53"), ("zone", "org.")));
        Assert.NotSame(first, _metrics.Counter("a_total", "help"));
        Assert.Equal(3, _metrics.Snapshot().Count);
    }

    [Fact]
    public void Labels_cannot_be_confused()
    {
        StripedCounter one = _metrics.Counter("a_total", "", ("x", "1"), ("y", "2"));
        Assert.NotSame(one, _metrics.Counter("a_total", "", ("x", "1=y"), ("", "2")));
        Assert.NotSame(one, _metrics.Counter("a_total", "", ("x", "1")));
    }

    [Fact]
    public void A_snapshot_is_ordered_by_name_and_labels_and_reads_present_values()
    {
        double level = 3;
        _metrics.Counter("b_total", "", ("zone", "b.")).Add(2);
        _metrics.Gauge("c", "level", () => level);
        _metrics.Counter("b_total", "", ("zone", "a.")).Increment();
        _metrics.Counter("a_total", "");
        IReadOnlyList<MetricSeries> series = _metrics.Snapshot();
        level = 7;
        Assert.Equal(["a_total 0", "b_total 1", "b_total 2", "c 7"], series.Select(s => $"{s.Name} {s.Read()}"));
        Assert.Equal([MetricKind.Counter, MetricKind.Counter, MetricKind.Counter, MetricKind.Gauge], series.Select(s => s.Kind));
        Assert.Equal("a.", series[1].Labels[0].Value);
    }

    [Fact]
    public void A_gauge_set_again_is_read_anew()
    {
        _metrics.Gauge("g", "", () => 1);
        _metrics.Gauge("g", "", () => 2);
        Assert.Equal(2, Assert.Single(_metrics.Snapshot()).Read());
    }

    [Fact]
    public void A_removed_series_is_gone()
    {
        _metrics.Gauge("g", "", () => 1, ("to", "a"));
        _metrics.Gauge("g", "", () => 1, ("to", "b"));
        _metrics.Remove("g", ("to", "a"));
        _metrics.Remove("g", ("to", "c"));
        Assert.Equal("b", Assert.Single(_metrics.Snapshot()).Labels[0].Value);
    }

    [Fact]
    public void A_gauges_name_is_not_a_counters()
    {
        _metrics.Gauge("g", "", () => 1);
        Assert.Throws<InvalidOperationException>(() => _metrics.Counter("g", ""));
    }

    [Fact]
    public void Many_threads_get_one_counter()
    {
        Parallel.For(0, 64, i => _metrics.Counter("n_total", "", ("i", (i % 4).ToString(System.Globalization.CultureInfo.InvariantCulture))).Increment());
        Assert.Equal([16.0, 16, 16, 16], _metrics.Snapshot().Select(s => s.Read()));
    }
}
