using System.Net;
using System.Net.Sockets;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Trace;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Trace;

/// <summary>Traces as a collector gets them.</summary>
public sealed class TraceExportTests
{
    private const string Fast = "zipkin_max_batch_interval 10ms";

    [Theory]
    [InlineData("otlp http")]
    [InlineData("otlp grpc")]
    [InlineData("zipkin")]
    public async Task Spans_arrive_inside_each_other(string kind)
    {
        await using Collector collector = await Collector.StartAsync();
        string target = kind switch
        {
            "zipkin" => "zipkin " + collector.Http["http://".Length..],
            "otlp grpc" => "otlp " + collector.Grpc,
            _ => "otlp " + collector.Http,
        };
        await using DnsTestServer upstream = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n whoami\n}\n");
        await using DnsTestServer server = await StartAsync(
            $".:0 {{\n bind 127.0.0.1\n trace {target} {{\n {Fast}\n service test\n }}\n errors\n cache\n forward . {upstream.Address}\n}}\n",
            kind == "otlp grpc" ? new(StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc" } : []);
        await AskAsync(server.Address, "WWW.example.org.");
        await AskAsync(server.Address, "www.example.org.");
        List<CollectedSpan> spans = await SpansAsync(collector, traces: 2, kind == "zipkin");

        CollectedSpan[] roots = [.. spans.Where(s => s.Parent.Length == 0).OrderBy(s => s.Start)];
        Assert.Equal(2, roots.Length);
        Assert.Equal(
            ["servedns", "servedns/errors", "servedns/errors/cache", "servedns/errors/cache/forward", "servedns/errors/cache/forward/connect"],
            spans.Where(s => s.Trace == roots[0].Trace).Select(s => s.PathIn(spans)).Order(StringComparer.Ordinal));
        Assert.Equal(["servedns", "servedns/errors", "servedns/errors/cache"], spans.Where(s => s.Trace == roots[1].Trace).Select(s => s.PathIn(spans)).Order(StringComparer.Ordinal));
        Assert.All(roots, r => Assert.Equal(
            ("server", "coredns.io/name=www.example.org. coredns.io/proto=udp coredns.io/rcode=NOERROR coredns.io/remote=127.0.0.1 coredns.io/type=A", ""), (r.Kind, r.Tags, r.Error)));
        CollectedSpan connect = spans.Single(s => s.Name == "connect");
        Assert.Equal(("client", $"peer.address={upstream.Address}"), (connect.Kind, connect.Tags));

        // Each lies within its parent's time, up to a rounding, and in the present.
        ulong now = (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        Assert.All(spans, s => Assert.InRange(s.Start, now - 120_000_000_000, now));
        Assert.All(spans.Where(s => s.Parent.Length > 0), s =>
        {
            CollectedSpan parent = spans.Single(p => p.Trace == s.Trace && p.Id == s.Parent);
            Assert.True(s.Start + 2000 >= parent.Start && s.End <= parent.End + 2000, $"{parent}\n{s}");
        });
        Assert.All(spans, s => Assert.Equal((32, 16), (s.Trace.Length, s.Id.Length)));
        Assert.Equal(spans.Count, spans.Select(s => s.Id).Distinct().Count());
        (string path, _, byte[] body) = collector.Received.First();
        Assert.Equal(
            kind switch
            {
                "zipkin" => "/api/v2/spans",
                "otlp grpc" => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                _ => "/v1/traces",
            },
            path);
        if (kind != "zipkin")
        {
            Assert.Equal("test", new ProtoMessage(body).One(1).One(1).All(1).Single(a => a.Text(1) == "service.name").One(2).Text(1));
        }
    }

    [Fact]
    public async Task Questions_of_the_servers_own_belong_to_the_query_that_they_are_for()
    {
        await using Collector collector = await Collector.StartAsync();
        await using DnsTestServer server = await StartAsync(
            $".:0 {{\n bind 127.0.0.1\n trace otlp {collector.Http} {{\n {Fast}\n }}\n search example.com\n hosts {{\n 192.0.2.1 web.example.com\n }}\n}}\n");
        await AskAsync(server.Address, "web.");
        List<CollectedSpan> spans = await SpansAsync(collector, traces: 1);
        Assert.Single(spans.Select(s => s.Trace).Distinct());
        Assert.Contains("servedns/search/trace/search/hosts", spans.Select(s => s.PathIn(spans)));
    }

    [Fact]
    public async Task A_query_that_fails_has_an_error_and_so_has_the_upstream_that_does_not_answer()
    {
        await using Collector collector = await Collector.StartAsync();
        await using DnsTestServer server = await StartAsync(
            $".:0 {{\n bind 127.0.0.1\n trace otlp {collector.Http} {{\n {Fast}\n }}\n forward . 127.0.0.1:1 {{\n max_connect_attempts 1\n }}\n}}\n");
        await AskAsync(server.Address, "www.example.org.");
        List<CollectedSpan> spans = await SpansAsync(collector, traces: 1);
        CollectedSpan root = spans.Single(s => s.Parent.Length == 0);
        Assert.Contains("coredns.io/rcode=SERVFAIL", root.Tags, StringComparison.Ordinal);
        Assert.NotEmpty(root.Error);
        Assert.All(spans.Where(s => s.Name == "connect"), s => Assert.NotEmpty(s.Error));
        Assert.Contains(spans, s => s.Name == "connect");
    }

    [Fact]
    public async Task A_collector_that_is_busy_is_asked_again()
    {
        await using Collector collector = await Collector.StartAsync();
        collector.Status = 503;
        await using DnsTestServer server = await StartAsync($".:0 {{\n bind 127.0.0.1\n trace otlp {collector.Http} {{\n {Fast}\n }}\n whoami\n}}\n");
        await AskAsync(server.Address, "www.example.org.");
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("does not take traces: HTTP status 503", StringComparison.Ordinal)));
        collector.Status = 200;
        Assert.Equal(2, (await SpansAsync(collector, traces: 1)).Count);
        await UntilAsync(() => server.Metrics.Snapshot().Single(s => s.Name == "minidns_trace_spans_total").Read() == 2);
    }

    [Fact]
    public async Task A_collector_that_refuses_costs_its_spans_and_nothing_else()
    {
        await using Collector collector = await Collector.StartAsync();
        collector.GrpcStatus = "3";
        await using DnsTestServer server = await StartAsync(
            $".:0 {{\n bind 127.0.0.1\n trace otlp {collector.Grpc} {{\n {Fast}\n }}\n whoami\n}}\n",
            new(StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "grpc" });
        await AskAsync(server.Address, "www.example.org.");
        MetricSeries dropped = server.Metrics.Snapshot().Single(s => s.Name == "minidns_trace_dropped_spans_total" && s.Labels[0].Value == "collector");
        await UntilAsync(() => dropped.Read() == 2);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("does not take traces: gRPC status 3", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_end_of_the_server_sends_what_waits()
    {
        await using Collector collector = await Collector.StartAsync();
        await using (DnsTestServer server = await StartAsync($".:0 {{\n bind 127.0.0.1\n trace otlp {collector.Http} {{\n zipkin_max_batch_interval 1h\n }}\n whoami\n}}\n"))
        {
            await AskAsync(server.Address, "www.example.org.");
            await server.StopAsync();
        }

        Assert.Equal(2, CollectedSpan.Read(Assert.Single(collector.Received).Body).Count);
    }

    private static Task<DnsTestServer> StartAsync(string corefile, Dictionary<string, string>? environment = null) =>
        DnsTestServer.StartAsync(corefile, plugins: [.. PluginOrder.All.Select(p => p is TracePlugin ? new TracePlugin(n => environment?.GetValueOrDefault(n)) : p)]);

    private static Task<List<CollectedSpan>> SpansAsync(Collector collector, int traces, bool isZipkin = false) => collector.UntilAsync(all =>
    {
        List<CollectedSpan> spans = [.. all.SelectMany(r => isZipkin ? CollectedSpan.ReadZipkin(r.Body) : CollectedSpan.Read(r.Body))];
        return spans.Select(s => s.Trace).Distinct().Count() >= traces ? spans : null;
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private static async Task AskAsync(IPEndPoint server, string name)
    {
        using UdpClient client = new();
        client.Connect(server);
        DnsQuery query = new(512, 512);
        int length = query.WriteQuestion(DnsName.Parse(name).View, DnsRecordType.A, DnsRecordClass.IN, 0x0100, dnssecOk: false);
        await client.SendAsync(query.ReceiveBuffer.AsMemory(0, length));
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        await client.ReceiveAsync(deadline.Token);
    }
}
