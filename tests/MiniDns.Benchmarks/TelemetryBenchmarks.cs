using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Trace;
using MiniDns.Telemetry;

namespace MiniDns.Benchmarks;

/// <summary>What the export of metrics and traces costs beside the queries: handing on what one query left in three histograms, and making the spans
/// of one trace.</summary>
[MemoryDiagnoser]
public class TelemetryBenchmarks
{
    private const int Queries = 1000;

    private readonly MetricRegistry _registry = new();
    private readonly MetricExport _export = new(new CollectorSettings { Address = new Uri("http://127.0.0.1:1") }, static _ => { });
    private readonly List<Activity> _spans = [];
    private StripedHistogram _duration = null!;
    private StripedHistogram _request = null!;
    private StripedHistogram _response = null!;

    [GlobalSetup]
    public void SetUp()
    {
        (string, string)[] labels = [("server", "dns://:53"), ("zone", "."), ("view", "")];
        (string, string)[] sizes = [.. labels, ("proto", "udp")];
        _duration = _registry.Histogram("coredns_dns_request_duration_seconds", "", MetricBuckets.Seconds, labels);
        _request = _registry.Histogram("coredns_dns_request_size_bytes", "", MetricBuckets.Octets, sizes);
        _response = _registry.Histogram("coredns_dns_response_size_bytes", "", MetricBuckets.Octets, sizes);
    }

    [Benchmark(OperationsPerInvoke = Queries)]
    public void Hand_on_the_histograms_of_a_query()
    {
        for (int i = 0; i < Queries; i++)
        {
            _duration.Observe(0.00001);
            _request.Observe(60);
            _response.Observe(76);
        }

        _export.Feed(_registry);
    }

    [Benchmark]
    public int Make_the_five_spans_of_a_trace()
    {
        TraceRecord record = new("servedns", TimeProvider.System.GetTimestamp(), TimeProvider.System);
        int at = 0;
        for (int i = 1; i < 5; i++)
        {
            at = record.Begin("plugin", at);
        }

        record.Tag(0, "coredns.io/name", "www.example.org.");
        record.Finish(null);
        _spans.Clear();
        TraceActivities.Add(_spans, record);
        return _spans.Count;
    }
}
