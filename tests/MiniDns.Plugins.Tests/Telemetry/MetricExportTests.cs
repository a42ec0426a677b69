using System.Diagnostics.Metrics;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace MiniDns.Plugins.Tests.Telemetry;

/// <summary>Metrics as a collector gets them.</summary>
public sealed class MetricExportTests
{
    private static readonly HostFacts Host = new("MiniDns-1.2.3", "host-7");

    [Fact]
    public async Task A_message_says_what_it_would_if_each_value_had_been_given_to_the_SDK()
    {
        await using Collector collector = await Collector.StartAsync();
        byte[] theirs = await ExportByTheirsAsync(collector);
        collector.Received.Clear();

        MetricRegistry registry = new();
        registry.Counter("queries_total", "Queries.", ("zone", "."), ("proto", "udp")).Add(41);
        registry.Counter("queries_total", "Queries.", ("zone", "."), ("proto", "tcp")).Add(1);
        registry.Gauge("entries", "Entries.", () => 2.5, ("type", "success"));
        registry.Gauge("unknown", "What nobody knows.", () => double.NaN);
        registry.Total("cpu_seconds_total", "Processor time.", () => 0.25);
        StripedHistogram histogram = registry.Histogram("duration_seconds", "Time.", MetricBuckets.RoughSeconds, ("server", "dns://:53"));
        foreach (double value in (double[])[0.0001, 0.00025, 0.1, 3])
        {
            histogram.Observe(value);
        }

        using MetricExport export = new(Settings(collector), Assert.Fail);
        Assert.Equal(CollectorResult.Taken, export.Send(registry));
        byte[] ours = collector.Received.Single().Body;
        Assert.Equal(Timeless(theirs), Timeless(ours));
        Assert.Contains(CollectedPoint.Read(ours), p => p.Kind == "histogram cumulative" && p.Value == 4 && p.Buckets == "0.00025:2 0.0025:0 0.025:0 0.25:1 2.5:0 Infinity:1");
    }

    [Fact]
    public async Task What_is_gone_is_not_told_of_and_what_is_new_is()
    {
        await using Collector collector = await Collector.StartAsync();
        MetricRegistry registry = new();
        registry.Gauge("old", "Old.", () => 1);
        registry.Gauge("upstreams", "Upstreams.", () => 1, ("to", "192.0.2.1"));
        registry.Gauge("upstreams", "Upstreams.", () => 1, ("to", "192.0.2.2"));
        using MetricExport export = new(Settings(collector), Assert.Fail);
        export.Send(registry);
        Assert.Equal(["old", "upstreams", "upstreams"], Names(collector));
        registry.Remove("old");
        registry.Remove("upstreams", ("to", "192.0.2.2"));
        registry.Gauge("new", "New.", () => 1);
        export.Send(registry);
        Assert.Equal(["new", "upstreams"], Names(collector));
    }

    [Fact]
    public async Task A_series_that_cannot_be_read_is_complained_of_and_the_others_are_sent()
    {
        await using Collector collector = await Collector.StartAsync();
        MetricRegistry registry = new();
        registry.Gauge("broken", "Broken.", () => throw new InvalidOperationException("no"));
        registry.Gauge("whole", "Whole.", () => 1);
        List<string> complaints = [];
        using MetricExport export = new(Settings(collector), complaints.Add);
        Assert.Equal(CollectorResult.Taken, export.Send(registry));
        Assert.Equal(["whole"], Names(collector));
        Assert.Equal(["broken cannot be read: no"], complaints);
    }

    [Theory]
    [InlineData("cumulative", "7", "3", "cumulative")]
    [InlineData("delta", "2", "1", "delta")]
    [InlineData("LowMemory", "7", "1", "delta")]
    public async Task Numbers_count_since_when_the_environment_says(string preference, string total, string observed, string kind)
    {
        await using Collector collector = await Collector.StartAsync();
        MetricRegistry registry = new();
        StripedCounter counter = registry.Counter("queries_total", "Queries.");
        StripedHistogram histogram = registry.Histogram("duration_seconds", "Time.", MetricBuckets.RoughSeconds);
        using MetricExport export = new(Settings(collector, ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", preference)), Assert.Fail);
        counter.Add(5);
        histogram.Observe(1);
        histogram.Observe(1);
        export.Send(registry);
        counter.Add(2);
        histogram.Observe(1);
        export.Send(registry);
        List<CollectedPoint> points = CollectedPoint.Read(collector.Received.Last().Body);
        Assert.Equal(total, $"{points.Single(p => p.Metric == "queries_total").Value}");
        CollectedPoint duration = points.Single(p => p.Metric == "duration_seconds");
        Assert.Equal((observed, "histogram " + kind), ($"{duration.Value}", duration.Kind));
    }

    [Fact]
    public void A_histogram_is_handed_on_with_all_its_counts_and_its_sum() => Prop.ForAll(
        Gen.Choose(0, 4_000_000).Select(micros => micros / 1e6).ListOf().ListOf().ToArbitrary(),
        rounds =>
        {
            StripedHistogram source = new(MetricBuckets.RoughSeconds);
            StripedHistogram taken = new(MetricBuckets.RoughSeconds);
            double sum = 0;
            using Meter meter = new("feed");
            Histogram<double> target = meter.CreateHistogram<double>("feed");
            using MeterListener listener = new();
            listener.SetMeasurementEventCallback<double>((_, value, _, _) => taken.Observe(value));
            listener.EnableMeasurementEvents(target);
            HistogramFeed feed = new(source, target, []);
            foreach (IList<double> round in rounds)
            {
                foreach (double value in round)
                {
                    source.Observe(value);
                    sum += value;
                }

                feed.Feed();
            }

            long[] expected = new long[MetricBuckets.RoughSeconds.Length + 1];
            long[] actual = new long[expected.Length];
            source.Read(expected, out _);
            taken.Read(actual, out double takenSum);
            Assert.Equal(expected, actual);

            // Values within a bucket are told from its edge by a millionth of its width.
            Assert.Equal(sum, takenSum, 1e-5 * (1 + expected[^1]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task The_resource_tells_the_service_and_the_environment_has_the_last_word()
    {
        await using Collector collector = await Collector.StartAsync();
        CollectorSettings settings = Settings(
            collector, ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test%20bed,service.name=other,host.name="), ("OTEL_SERVICE_NAME", "resolver"));
        MetricRegistry registry = new();
        registry.Gauge("one", "One.", () => 1);
        using MetricExport export = new(settings, Assert.Fail);
        export.Send(registry);
        Dictionary<string, string> resource = CollectedPoint.Resource(collector.Received.Single().Body);
        Assert.Equal("resolver", resource["service.name"]);
        Assert.Equal("1.2.3", resource["service.version"]);
        Assert.Equal("test bed", resource["deployment.environment"]);
        Assert.Equal("", resource["host.name"]);
        Assert.Equal("opentelemetry", resource["telemetry.sdk.name"]);
        Assert.NotEmpty(resource["service.instance.id"]);
    }

    private static string[] Names(Collector collector) => [.. CollectedPoint.Read(collector.Received.Last().Body).Select(p => p.Metric).Order(StringComparer.Ordinal)];

    private static List<CollectedPoint> Timeless(byte[] message) =>
    [
        .. CollectedPoint.Read(message)
            .Select(p => p with { StartedAt = 0, At = 0, Sum = Math.Round(p.Sum, 9) })
            .OrderBy(p => p.Metric, StringComparer.Ordinal)
            .ThenBy(p => p.Labels, StringComparer.Ordinal),
    ];

    private static CollectorSettings Settings(Collector collector, params (string Name, string Value)[] environment) => CollectorSettings.Read(
        new OtlpEnvironment(n => environment.FirstOrDefault(e => e.Name == n).Value, Assert.Fail), OtlpSignal.Metrics, new Uri(collector.Http), null, "minidns", Host);

    private static async Task<byte[]> ExportByTheirsAsync(Collector collector)
    {
        using Meter meter = new("Theirs");
        Counter<long> queries = meter.CreateCounter<long>("queries_total");
        meter.CreateObservableGauge("entries", () => new Measurement<double>(2.5, new KeyValuePair<string, object?>("type", "success")));
        meter.CreateObservableCounter("cpu_seconds_total", () => 0.25, "s");
        Histogram<double> duration = meter.CreateHistogram<double>("duration_seconds", "s");
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter("Theirs")
            .AddView("duration_seconds", new ExplicitBucketHistogramConfiguration { Boundaries = MetricBuckets.RoughSeconds.ToArray(), RecordMinMax = false })
            .AddOtlpExporter(o =>
            {
                o.Endpoint = new Uri(collector.Http + "/v1/metrics");
                o.Protocol = OtlpExportProtocol.HttpProtobuf;
            })
            .Build();
        queries.Add(41, new("zone", "."), new("proto", "udp"));
        queries.Add(1, new("zone", "."), new("proto", "tcp"));
        foreach (double value in (double[])[0.0001, 0.00025, 0.1, 3])
        {
            duration.Record(value, new KeyValuePair<string, object?>("server", "dns://:53"));
        }

        Assert.True(provider.ForceFlush(30_000));
        return await collector.UntilAsync(all => all.FirstOrDefault().Body);
    }
}
