using MiniDns.Diagnostics;
using MiniDns.Plugins.Prometheus;

namespace MiniDns.Plugins.Tests.Prometheus;

public class PrometheusTextTests
{
    [Fact]
    public void Each_metric_is_introduced_once_and_its_series_follow()
    {
        var registry = new MetricRegistry();
        registry.Counter("b_total", "Counts b.", ("x", "1")).Add(3);
        registry.Counter("b_total", "Counts b.", ("x", "2")).Add(4);
        registry.Gauge("a", "Tells a.", () => 0.25);
        registry.Show(registry.OpenScope());
        Assert.Equal(
            "# HELP a Tells a.\n# TYPE a gauge\na 0.25\n# HELP b_total Counts b.\n# TYPE b_total counter\nb_total{x=\"1\"} 3\nb_total{x=\"2\"} 4\n",
            PrometheusText.Write(registry.Snapshot()));
    }

    [Fact]
    public void A_histogram_is_cumulative_and_ends_with_infinity()
    {
        var registry = new MetricRegistry();
        StripedHistogram histogram = registry.Histogram("h_seconds", "Takes.", [0.5, 1], ("p", "q"));
        histogram.Observe(0.5);
        histogram.Observe(0.75);
        histogram.Observe(3);
        Assert.Equal(
            "# HELP h_seconds Takes.\n# TYPE h_seconds histogram\nh_seconds_bucket{p=\"q\",le=\"0.5\"} 1\nh_seconds_bucket{p=\"q\",le=\"1\"} 2\n"
                + "h_seconds_bucket{p=\"q\",le=\"+Inf\"} 3\nh_seconds_sum{p=\"q\"} 4.25\nh_seconds_count{p=\"q\"} 3\n",
            PrometheusText.Write(registry.Snapshot()));
    }

    [Fact]
    public void What_has_a_meaning_in_the_format_is_escaped()
    {
        var registry = new MetricRegistry();
        registry.Counter("a_total", "one\ntwo \\", ("x", "\"\\\n"));
        Assert.Equal("# HELP a_total one\\ntwo \\\\\n# TYPE a_total counter\na_total{x=\"\\\"\\\\\\n\"} 0\n", PrometheusText.Write(registry.Snapshot()));
    }
}
