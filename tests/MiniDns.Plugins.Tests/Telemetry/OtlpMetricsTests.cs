using System.Diagnostics.Metrics;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Collectors;
using MiniDns.Plugins.Telemetry;
using MiniDns.Plugins.Tests.Support;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace MiniDns.Plugins.Tests.Telemetry;

/// <summary>What we write is what OpenTelemetry's own exporter writes of the same measurements.</summary>
public sealed class OtlpMetricsTests
{
    private static readonly HostFacts Host = new("MiniDns-1.2.3", "host-7");

    [Fact]
    public async Task A_message_says_what_that_of_OpenTelemetrys_exporter_says()
    {
        await using Collector collector = await Collector.StartAsync();
        byte[] theirs = await ExportByTheirsAsync(collector);

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

        ProtobufWriter writer = new();
        OtlpMetrics.Write(writer, Settings(), registry.Snapshot(), 1000, 2000);
        byte[] ours = writer.Written.ToArray();
        Assert.Equal(Timeless(theirs), Timeless(ours));
        Assert.All(CollectedPoint.Read(ours), p => Assert.Equal((p.Kind == "gauge" ? 0UL : 1000UL, 2000UL), (p.StartedAt, p.At)));
        Assert.Contains(CollectedPoint.Read(ours), p => p.Kind == "histogram cumulative" && p.Value == 4 && p.Buckets == "0.00025:2 0.0025:0 0.025:0 0.25:1 2.5:0 Infinity:1");
    }

    [Fact]
    public void The_resource_tells_the_service_and_the_environment_has_the_last_word()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=test%20bed,service.name=other,host.name=",
            ["OTEL_SERVICE_NAME"] = "resolver",
        };
        ProtobufWriter writer = new();
        OtlpMetrics.Write(writer, Settings(environment), [], 1, 2);
        Dictionary<string, string> resource = CollectedPoint.Resource(writer.Written.ToArray());
        Assert.Equal("resolver", resource["service.name"]);
        Assert.Equal("1.2.3", resource["service.version"]);
        Assert.Equal("test bed", resource["deployment.environment"]);
        Assert.Equal("", resource["host.name"]);
        Assert.NotEmpty(resource["service.instance.id"]);
    }

    private static List<CollectedPoint> Timeless(byte[] message) =>
        [.. CollectedPoint.Read(message).Select(p => p with { StartedAt = 0, At = 0 }).OrderBy(p => p.Metric, StringComparer.Ordinal).ThenBy(p => p.Labels, StringComparer.Ordinal)];

    private static CollectorSettings Settings(Dictionary<string, string>? environment = null) =>
        CollectorSettings.Read(new OtlpEnvironment(n => environment?.GetValueOrDefault(n), Assert.Fail), OtlpSignal.Metrics, null, null, "minidns", Host);

    private static async Task<byte[]> ExportByTheirsAsync(Collector collector)
    {
        using Meter meter = new("MiniDns");
        Counter<long> queries = meter.CreateCounter<long>("queries_total");
        meter.CreateObservableGauge("entries", () => new Measurement<double>(2.5, new KeyValuePair<string, object?>("type", "success")));
        meter.CreateObservableCounter("cpu_seconds_total", () => 0.25, "s");
        Histogram<double> duration = meter.CreateHistogram<double>("duration_seconds", "s");
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter("MiniDns")
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
