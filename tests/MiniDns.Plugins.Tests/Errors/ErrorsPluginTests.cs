using Microsoft.Extensions.Logging;
using MiniDns.Plugins.Errors;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Errors;

public sealed class ErrorsPluginTests
{
    private const string Timeout = "read udp 10.0.0.1:53->8.8.8.8:53: i/o timeout";

    [Theory]
    [InlineData("errors", true)]
    [InlineData("errors stdout", true)]
    [InlineData("errors errors.txt", false)]
    [InlineData("errors a b", false)]
    [InlineData("errors { log visible }", false)]
    [InlineData("errors\nerrors", false)]
    [InlineData("errors {\n log visible\n}", false)]
    [InlineData("errors {\n consolidate\n}", false)]
    [InlineData("errors {\n consolidate 1m\n}", false)]
    [InlineData("errors {\n consolidate 1m .* extra\n}", false)]
    [InlineData("errors {\n consolidate abc .*\n}", false)]
    [InlineData("errors {\n consolidate 1 .*\n}", false)]
    [InlineData("errors {\n consolidate 1m ())\n}", false)]
    [InlineData("errors {\n consolidate -1m .*\n}", false)]
    [InlineData("errors {\n stacktrace\n}", true)]
    [InlineData("errors {\n stacktrace now\n}", false)]
    [InlineData("errors {\n stacktrace\n consolidate 1m ^exact$\n}", true)]
    [InlineData("errors {\n consolidate 1m error\n}", true)]
    [InlineData("errors {\n consolidate 1m \"format error\"\n}", true)]
    [InlineData("errors {\n consolidate 1m error1\n consolidate 5s error2\n}", true)]
    [InlineData("errors {\n consolidate 1m error show_first\n}", true)]
    [InlineData("errors {\n consolidate 1m error warning show_first\n}", true)]
    [InlineData("errors {\n consolidate 1m error invalid_option\n}", false)]
    [InlineData("errors {\n consolidate 1m error warning error\n}", false)]
    [InlineData("errors {\n consolidate 1m error show_first warning\n}", false)]
    [InlineData("errors {\n consolidate 1m .* warning\n}", true)]
    [InlineData("errors {\n consolidate 1m .* error\n}", true)]
    [InlineData("errors {\n consolidate 1m .* info\n}", true)]
    [InlineData("errors {\n consolidate 1m .* debug\n}", true)]
    [InlineData("errors {\n consolidate 1m .* debug show_first show_first\n}", false)]
    [InlineData("errors {\n json\n consolidate 1m .* debug\n}", true)]
    [InlineData("errors {\n json pretty\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
        Assert.Empty(setup.Warnings);
    }

    [Fact]
    public void Stack_traces_are_asked_for() => Assert.True(SnippetSetup.Run(new ErrorsPlugin(), "errors {\n stacktrace\n}").Block.StackTrace);

    [Fact]
    public void A_failure_is_logged_as_CoreDNS_does()
    {
        SnippetServices services = new();
        Fail(SnippetSetup.Run(new ErrorsPlugin(), "errors", services), "WWW.Example.org.", Timeout);
        Assert.Equal([$"Error plugin/errors: 2 www.example.org. A: {Timeout}"], services.Log.Lines);
    }

    [Fact]
    public async Task Lines_are_objects_on_demand()
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), "errors {\n json\n consolidate 30s \"i/o timeout$\" warning show_first\n consolidate 30s hidden debug\n}", services);
        await setup.Components.Single().StartAsync(CancellationToken.None);
        string now = services.Time.GetUtcNow().UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        Fail(setup, "\\\"a\\010b.Example.org.", Timeout);
        Fail(setup, "example.org.", Timeout);
        Fail(setup, "example.org.", "hidden");
        await setup.Components.Single().DisposeAsync();
        Assert.Equal(
            [
                $$"""{"time":"{{now}}","level":"warning","plugin":"errors","code":2,"rcode":"SERVFAIL","name":"\\\"a\\010b.example.org.","type":"A","reason":"{{Timeout}}","remote":"127.0.0.1"}""",
                $$"""{"time":"{{now}}","level":"warning","plugin":"errors","count":2,"pattern":"i/o timeout$","period":"30s"}""",
            ],
            services.Lines.All);
        Assert.Empty(services.Log.Lines);

        services.Lines.IsFull = true;
        Fail(setup, "example.org.", "another");
        Assert.Equal(1, services.Metric("minidns_errors_dropped_lines_total"));
    }

    [Fact]
    public void A_query_that_nobody_answers_is_a_failure()
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new ErrorsPlugin(), "errors", services).Harness();
        harness.Ask("example.org.", DnsRecordType.MX);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Outcome);
        Assert.Equal(["Error plugin/errors: 2 example.org. MX: no next plugin found"], services.Log.Lines);
    }

    [Fact]
    public void Refusals_and_denials_are_no_failures()
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), "errors", services);
        setup.Harness(new FuncHandler(q => q.Refuse())).Ask("example.org.", DnsRecordType.A);
        setup.Harness(new FuncHandler(q => q.Reply(DnsResponseCode.NameError))).Ask("example.org.", DnsRecordType.A);
        setup.Harness(new FuncHandler(_ => DnsOutcome.Dropped)).Ask("example.org.", DnsRecordType.A);
        Assert.Empty(services.Log.Lines);
    }

    [Fact]
    public async Task Failures_alike_are_counted_and_told_once_a_period()
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), "errors {\n consolidate 30s \" i/o timeout$\" warning\n consolidate 5m ^read\n}", services);
        await setup.Components.Single().StartAsync(CancellationToken.None);
        for (int i = 0; i < 3; i++)
        {
            Fail(setup, "example.org.", Timeout);
            services.Time.Advance(TimeSpan.FromSeconds(9));
        }

        Fail(setup, "example.org.", "something else");
        Assert.Equal(["Error plugin/errors: 2 example.org. A: something else"], services.Log.Lines);

        services.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("Warning plugin/errors: 3 errors like ' i/o timeout$' occurred in last 30s", services.Log.Lines[^1]);

        services.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, services.Log.Lines.Count);

        Fail(setup, "example.org.", "read: connection refused");
        services.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("Error plugin/errors: 1 errors like '^read' occurred in last 5m0s", services.Log.Lines[^1]);
        Assert.Equal(3, services.Log.Lines.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_first_failure_is_shown_on_demand(int failures)
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), "errors {\n consolidate 30s timeout info show_first\n}", services);
        await setup.Components.Single().StartAsync(CancellationToken.None);
        for (int i = 0; i < failures; i++)
        {
            Fail(setup, "example.org.", Timeout);
        }

        Assert.Equal([$"Information plugin/errors: 2 example.org. A: {Timeout}"], services.Log.Lines);
        services.Time.Advance(TimeSpan.FromSeconds(31));
        string[] summary = failures == 1 ? [] : [$"Information plugin/errors: {failures} errors like 'timeout' occurred in last 30s"];
        Assert.Equal(summary, services.Log.Lines.Skip(1));
    }

    [Fact]
    public async Task What_was_counted_is_told_at_the_end()
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ErrorsPlugin(), "errors {\n consolidate 1h .*\n}", services);
        await setup.Components.Single().StartAsync(CancellationToken.None);
        Fail(setup, "example.org.", Timeout);
        Fail(setup, "example.org.", Timeout);
        await setup.Components.Single().DisposeAsync();
        Assert.Equal(["Error plugin/errors: 2 errors like '.*' occurred in last 1h0m0s"], services.Log.Lines);

        // A query that was still on its way is logged by itself.
        Fail(setup, "example.org.", Timeout);
        Assert.Equal(2, services.Log.Lines.Count);
    }

    [Fact]
    public void An_answer_costs_nothing()
    {
        ChainHarness harness = SnippetSetup.Run(new ErrorsPlugin(), "errors").Harness(new FuncHandler(q => q.Reply(DnsResponseCode.NameError)));
        int length = harness.Begin("example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
    }

    private static void Fail(SnippetSetup setup, string name, string reason) =>
        setup.Harness(new FuncHandler(q => q.Fail(DnsResponseCode.ServerFailure, reason))).Ask(name, DnsRecordType.A);
}
