using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Telemetry;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Telemetry;

public sealed class TelemetryPluginTests
{
    [Theory]
    [InlineData("telemetry", true)]
    [InlineData("telemetry collector", true)]
    [InlineData("telemetry collector:4317", true)]
    [InlineData("telemetry https://collector.example/otlp {\n protocol grpc\n interval 10s\n service x\n header a b\n header c d\n}", true)]
    [InlineData("telemetry ftp://collector", false)]
    [InlineData("telemetry http://", false)]
    [InlineData("telemetry a b", false)]
    [InlineData("telemetry {\n protocol http/json\n}", false)]
    [InlineData("telemetry {\n interval 1ms\n}", false)]
    [InlineData("telemetry {\n header a\n}", false)]
    [InlineData("telemetry {\n unknown\n}", false)]
    [InlineData("telemetry\ntelemetry", false)]
    public void A_setup_is_accepted_or_refused(string directives, bool isAccepted)
    {
        PluginHarness harness = PluginHarness.Stanza(directives + "\nwhoami");
        Assert.True(harness.IsAccepted == isAccepted, harness.Errors);
    }

    [Fact]
    public void A_Corefile_has_one()
    {
        PluginHarness harness = PluginHarness.Corefile("a.example:0 {\n telemetry\n whoami\n}\nb.example:0 {\n telemetry\n whoami\n}\n");
        Assert.Equal(
            "Corefile:6:2: error: telemetry: may be used once in a Corefile, since it sends the metrics of all blocks; it was already used at Corefile:2:2",
            harness.Errors);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_collector_is_told_what_the_page_says(bool isGrpc, bool isByEnvironment)
    {
        await using Collector collector = await Collector.StartAsync();
        string endpoint = isGrpc ? collector.Grpc : collector.Http;
        Dictionary<string, string> environment = isByEnvironment
            ? new(StringComparer.Ordinal)
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint + "/",
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = isGrpc ? "grpc" : "http/protobuf",
                ["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-token=a%20b,x-other=c",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            }
            : [];
        string directive = isByEnvironment ? "" : $"telemetry {endpoint} {{\n interval 100ms\n protocol {(isGrpc ? "grpc" : "http/protobuf")}\n header x-token \"a b\"\n}}";
        IDnsPlugin[] plugins = [.. PluginOrder.All.Select(p => p is TelemetryPlugin ? new TelemetryPlugin(n => environment.GetValueOrDefault(n)) : p)];
        await using DnsTestServer server = await DnsTestServer.StartAsync($".:0 {{\n bind 127.0.0.1\n prometheus 127.0.0.1:0\n {directive}\n cache\n whoami\n}}\n", plugins: plugins);
        await AskAsync(server.Address, 25);

        // The second message from now on is written after all the queries; the page says the same of whatever does not change by itself.
        int before = collector.Received.Count;
        (string path, byte[] message, string token) = await collector.UntilAsync(all => all.Skip(before + 1).Select(r => Tuple.Create(r.Path, r.Body, r.Headers["x-token"])).FirstOrDefault());
        Assert.Equal(25, CollectedPoint.Read(message).Where(p => p.Metric == "coredns_dns_requests_total").Sum(p => p.Value));
        Assert.Equal(isGrpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics", path);
        Assert.Equal("a b", token);
        using HttpClient client = new();
        string page = await client.GetStringAsync($"http://{server.PageAddresses[0]}/metrics");
        string[] told = [.. Lines(CollectedPoint.Read(message)).Where(IsSteady).Order(StringComparer.Ordinal)];
        string[] shown = [.. page.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(Sorted).Where(IsSteady).Order(StringComparer.Ordinal)];
        Assert.Equal(shown, told);
        Assert.Contains(told, l => l.StartsWith("coredns_dns_request_duration_seconds_bucket", StringComparison.Ordinal));
        Assert.True(told.Length > 80, $"{told.Length}");
    }

    [Fact]
    public async Task A_collector_that_refuses_is_told_of_once_and_the_next_message_has_it_all()
    {
        await using Collector collector = await Collector.StartAsync();
        collector.Status = 503;
        await using DnsTestServer server = await DnsTestServer.StartAsync($".:0 {{\n bind 127.0.0.1\n prometheus 127.0.0.1:0\n telemetry {collector.Http} {{\n interval 100ms\n }}\n whoami\n}}\n");
        await AskAsync(server.Address, 3);
        MetricSeries failed = server.Metrics.Snapshot().Single(s => s.Name == "minidns_telemetry_exports_total" && s.Labels[0].Value == "failed");
        await UntilAsync(() => failed.Read() >= 3);
        collector.Status = 200;
        await collector.UntilAsync(all => all.FirstOrDefault(r => CollectedPoint.Read(r.Body).Where(p => p.Metric == "coredns_dns_requests_total").Sum(p => p.Value) == 3).Body);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("takes metrics again", StringComparison.Ordinal)));
        Assert.Single(server.Log.Lines, l => l.Contains("does not take metrics: HTTP status 503", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_the_server_sends_a_last_message_and_does_not_wait_for_a_collector_that_is_stuck()
    {
        await using Collector collector = await Collector.StartAsync();
        string corefile = $".:0 {{\n bind 127.0.0.1\n prometheus 127.0.0.1:0\n telemetry {collector.Http} {{\n interval 1h\n }}\n whoami\n}}\n";
        await using (DnsTestServer server = await DnsTestServer.StartAsync(corefile))
        {
            await AskAsync(server.Address, 4);
            await server.StopAsync();
        }

        Assert.Equal(4, CollectedPoint.Read(Assert.Single(collector.Received).Body).Where(p => p.Metric == "coredns_dns_requests_total").Sum(p => p.Value));

        TaskCompletionSource gate = new();
        collector.Gate = gate.Task;
        await using (DnsTestServer server = await DnsTestServer.StartAsync(corefile))
        {
            await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }

        gate.SetResult();
    }

    [Fact]
    public async Task A_gauge_that_cannot_be_read_does_not_end_it()
    {
        await using Collector collector = await Collector.StartAsync();
        await using DnsTestServer server = await DnsTestServer.StartAsync($".:0 {{\n bind 127.0.0.1\n telemetry {collector.Http} {{\n interval 100ms\n }}\n whoami\n}}\n");
        bool isBroken = true;
        server.Metrics.Gauge("minidns_test", "A test.", () => isBroken ? throw new InvalidOperationException("no") : 7);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("minidns_test cannot be read: no", StringComparison.Ordinal)));
        isBroken = false;
        Assert.Equal(7, (await collector.UntilAsync(all => all.SelectMany(r => CollectedPoint.Read(r.Body)).FirstOrDefault(p => p.Metric == "minidns_test"))).Value);
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_METRICS_EXPORTER", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public void The_environment_can_say_no(string name, string value)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", [name] = value };
        Assert.Null(new TelemetryPlugin(n => environment.GetValueOrDefault(n)).SetUpWithout(new SnippetServices().Build()));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private static async Task AskAsync(IPEndPoint server, int times)
    {
        using UdpClient client = new();
        client.Connect(server);
        DnsQuery query = new(512, 512);
        for (int i = 0; i < times; i++)
        {
            int length = query.WriteQuestion(DnsName.Parse($"n{i % 3}.example.org.").View, i % 2 == 0 ? DnsRecordType.A : DnsRecordType.AAAA, DnsRecordClass.IN, 0x0100, dnssecOk: i % 5 == 0);
            await client.SendAsync(query.ReceiveBuffer.AsMemory(0, length));
            using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
            await client.ReceiveAsync(deadline.Token);
        }
    }

    /// <summary>What does not change from one moment to the next on a server that nobody asks.</summary>
    private static bool IsSteady(string line) =>
        (line.StartsWith("coredns_", StringComparison.Ordinal) || line.StartsWith("minidns_", StringComparison.Ordinal)) && !line.StartsWith("minidns_telemetry_", StringComparison.Ordinal);

    /// <summary>A line of Prometheus's with its labels in order, and a sum without the rounding of its last digits.</summary>
    private static string Sorted(string line) =>
        line.Split('{', '}') is [string name, string labels, string value]
            ? $"{name}{{{string.Join(',', labels.Split("\",", StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('"') + '"').Order(StringComparer.Ordinal))}}} {(name.EndsWith("_sum", StringComparison.Ordinal) ? Rounded(value) : value.Trim())}"
            : line;

    private static string Rounded(string value) => double.Parse(value, CultureInfo.InvariantCulture).ToString("G9", CultureInfo.InvariantCulture);

    /// <summary>Points as Prometheus would show them.</summary>
    private static IEnumerable<string> Lines(List<CollectedPoint> points)
    {
        foreach (CollectedPoint point in points)
        {
            string[] labels = [.. point.Labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=', 2)).Select(l => $"{l[0]}=\"{l[1]}\"")];
            string Line(string suffix, string[] all, double value) =>
                Sorted($"{point.Metric}{suffix}{(all.Length == 0 ? "" : "{" + string.Join(',', all) + "}")} {value.ToString("R", CultureInfo.InvariantCulture)}");

            if (point.Buckets.Length == 0)
            {
                yield return Line("", labels, point.Value);
                continue;
            }

            double upTo = 0;
            foreach (string[] bucket in point.Buckets.Split(' ').Select(b => b.Split(':')))
            {
                upTo += double.Parse(bucket[1], CultureInfo.InvariantCulture);
                yield return Line("_bucket", [.. labels, $"le=\"{(bucket[0] == "Infinity" ? "+Inf" : bucket[0])}\""], upTo);
            }

            yield return Line("_sum", labels, point.Sum);
            yield return Line("_count", labels, point.Value);
        }
    }
}
