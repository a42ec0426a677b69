using System.Diagnostics;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Trace;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Trace;

public sealed class TracePluginTests
{
    [Theory]
    [InlineData("trace", true)]
    [InlineData("trace localhost:1234", true)]
    [InlineData("trace http://localhost:1234/somewhere/else", true)]
    [InlineData("trace zipkin localhost:1234", true)]
    [InlineData("trace ZIPKIN localhost:1234", true)]
    [InlineData("trace otlp", true)]
    [InlineData("trace otlp localhost:4317", true)]
    [InlineData("trace datadog localhost", true)]
    [InlineData("trace datadog http://localhost:8127", true)]
    [InlineData("trace datadog localhost {\n datadog_analytics_rate 0.1\n}", true)]
    [InlineData("trace {\n every 100\n}", true)]
    [InlineData("trace {\n every 0\n}", true)]
    [InlineData("trace {\n every 100\n service foobar\n client_server\n}", true)]
    [InlineData("trace {\n every 2\n client_server true\n}", true)]
    [InlineData("trace {\n client_server false\n}", true)]
    [InlineData("trace {\n zipkin_max_backlog_size 100\n zipkin_max_batch_size 200\n zipkin_max_batch_interval 10s\n}", true)]
    [InlineData("trace footype localhost:4321", false)]
    [InlineData("trace a b c", false)]
    [InlineData("trace otlp http://", false)]
    [InlineData("trace {\n every 2\n client_server junk\n}", false)]
    [InlineData("trace {\n every\n}", false)]
    [InlineData("trace {\n every -1\n}", false)]
    [InlineData("trace datadog localhost {\n datadog_analytics_rate 2\n}", false)]
    [InlineData("trace {\n zipkin_max_backlog_size wrong\n}", false)]
    [InlineData("trace {\n zipkin_max_batch_size wrong\n}", false)]
    [InlineData("trace {\n zipkin_max_batch_interval wrong\n}", false)]
    [InlineData("trace {\n zipkin_max_backlog_size\n}", false)]
    [InlineData("trace {\n zipkin_max_batch_size\n}", false)]
    [InlineData("trace {\n zipkin_max_batch_interval\n}", false)]
    [InlineData("trace {\n evrey 100\n}", false)]
    [InlineData("trace\ntrace", false)]
    public void A_setup_is_accepted_or_refused(string directives, bool isAccepted)
    {
        PluginHarness harness = PluginHarness.Stanza(directives + "\nwhoami");
        Assert.True(harness.IsAccepted == isAccepted, harness.Errors);
    }

    [Theory]
    [InlineData("trace datadog agent:8126", "Corefile:2:15: warning: trace: Datadog's own protocol is not spoken; its agent takes OTLP where that is switched on, so traces go to http://agent:4318/; write 'trace otlp http://agent:4318/'")]
    [InlineData("trace {\n client_server\n}", "Corefile:3:2: warning: trace: client_server: has no effect: no client of DNS sends a span that could be shared")]
    public void What_has_no_effect_is_a_warning(string directives, string warning) =>
        Assert.Contains(warning, PluginHarness.Stanza(directives + "\nwhoami").Diagnostics.Items.Select(i => i.ToString()));

    [Fact]
    public void Queries_that_are_not_chosen_cost_no_memory_and_every_nth_is_chosen()
    {
        PluginHarness harness = PluginHarness.Stanza("trace otlp {\n every 1000000\n}\nerrors\ncache\nwhoami");
        int length = harness.Chain.Begin("example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Chain.BeginAgain(length);
            harness.Chain.Run();
        });

        LineBook lines = new();
        PluginHarness other = PluginHarness.Stanza("metadata\ntrace otlp {\n every 10\n}\nlog . {/trace/traceid}\nwhoami", lines: lines);
        for (int i = 0; i < 100; i++)
        {
            other.Chain.Ask("example.org.", DnsRecordType.A);
        }

        string[] ids = [.. lines.All.Where(l => l != "[INFO] -")];
        Assert.Equal(10, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^\\[INFO\\] [0-9a-f]{32}$", id));
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", null, "0000000000000000")]
    [InlineData("nonsense", null, "0000000000000000")]
    [InlineData(null, null, "0000000000000000")]
    public async Task A_clients_trace_goes_on(string? traceParent, string? trace, string span)
    {
        using TraceQueue queue = new(10, 10, new StripedCounter());
        TraceHandler handler = new(new FuncHandler(q => q.Reply(DnsResponseCode.NoError)), new EveryNth(1), queue, TimeProvider.System);
        DnsQuery query = new(512, 512) { TraceParent = traceParent };
        query.Begin(query.WriteQuestion(DnsName.Parse("example.org.").View, DnsRecordType.A, DnsRecordClass.IN, 0x0100, dnssecOk: false), DnsTransport.Https);
        await handler.HandleAsync(query);
        handler.Finished(query, 12);
        Assert.True(queue.TryTake(out TraceRecord? record));
        List<Activity> spans = [];
        TraceActivities.Add(spans, record);
        Assert.Equal(span, spans.Single().ParentSpanId.ToHexString());
        Assert.Equal(record.TraceId, spans.Single().TraceId.ToHexString());
        Assert.True(trace is null ? record.TraceId.Any(c => c != '0') : record.TraceId == trace);
        Assert.True(spans.Single().Recorded);
    }

    [Fact]
    public void A_full_queue_drops_and_counts()
    {
        PluginHarness harness = PluginHarness.Stanza("trace otlp {\n zipkin_max_backlog_size 10\n}\nwhoami");
        for (int i = 0; i < 50; i++)
        {
            harness.Chain.Ask("example.org.", DnsRecordType.A);
            Assert.Equal(DnsResponseCode.NoError, harness.Chain.Query.Response.Code);
        }

        // Each trace has two spans, so five fit.
        Assert.Equal(90, harness.Metrics.Snapshot().Single(s => s.Name == "minidns_trace_dropped_spans_total" && s.Labels[0].Value == "queue").Read());
    }

    [Fact]
    public void A_trace_has_so_many_spans_and_what_comes_after_its_end_is_passed_over()
    {
        TestTimeProvider time = new();
        TraceRecord record = new("servedns", time.GetTimestamp(), time);
        for (int i = 1; i < TraceRecord.MostSpans; i++)
        {
            Assert.Equal(i, record.Begin("more", i - 1));
        }

        Assert.Equal(QuerySpans.None, record.Begin("too many", 0));
        record.Tag(QuerySpans.None, "a", "b");
        record.End(QuerySpans.None);
        time.Advance(TimeSpan.FromMilliseconds(5));
        record.Finish(null);
        time.Advance(TimeSpan.FromMilliseconds(5));
        record.End(3, "late");
        record.Tag(3, "late", "yes");
        Assert.Equal(QuerySpans.None, record.Begin("late", 0));
        Assert.Equal((256, 1), (record.Spans.Length, record.LeftOut));
        Assert.Null(record.Spans[3].Error);
        Assert.Null(record.Spans[3].Tags);
        foreach (SpanData span in record.Spans)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(5), record.TimeOf(span.End) - record.TimeOf(span.Start));
        }
    }

    [Fact]
    public async Task A_handler_that_throws_ends_its_span_with_the_error()
    {
        TestTimeProvider time = new();
        TraceRecord record = new("servedns", time.GetTimestamp(), time);
        SpanMarker marker = new("broken", new FuncHandler(_ => throw new InvalidOperationException("no")));
        DnsQuery query = new(512, 512) { Spans = record, Span = 0 };
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await marker.HandleAsync(query));
        Assert.Equal(0, query.Span);
        Assert.Equal(("broken", "InvalidOperationException: no"), (record.Spans[1].Name, record.Spans[1].Error));
    }
}
