using System.Text.Json;
using MiniDns.Plugins.Log;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Log;

/// <summary>Which queries get a line: samples, slow ones, classes.</summary>
public sealed class LogSelectionTests
{
    [Theory]
    [InlineData("slower 50ms", 49, DnsResponseCode.NoError, 0)]
    [InlineData("slower 50ms", 50, DnsResponseCode.NoError, 1)]
    [InlineData("slower 50ms", 1, DnsResponseCode.Refused, 0)]
    [InlineData("slower 50ms keep error", 1, DnsResponseCode.Refused, 1)]
    [InlineData("slower 50ms keep error", 1, DnsResponseCode.NameError, 0)]
    [InlineData("slower 50ms keep error denial", 1, DnsResponseCode.NameError, 1)]
    [InlineData("slower 50ms keep error\n class denial", 1, DnsResponseCode.Refused, 0)]
    [InlineData("slower 50ms\n class denial", 60, DnsResponseCode.NoError, 0)]
    [InlineData("slower 50ms\n class denial", 60, DnsResponseCode.NameError, 1)]
    public void Only_slow_queries(string properties, int milliseconds, DnsResponseCode code, int lines)
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), $"log {{\n {properties}\n}}", services).Harness(new FuncHandler(q =>
        {
            services.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return q.Reply(code);
        })).Ask("example.org.", DnsRecordType.A);
        Assert.Equal(lines, services.Lines.All.Count);
    }

    [Fact]
    public void A_sample_is_as_large_as_it_says_and_errors_are_kept_on_demand()
    {
        SnippetServices services = new();
        DnsResponseCode code = DnsResponseCode.NoError;
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log {json} {\n sample 1/10 keep error\n}", services).Harness(new FuncHandler(q => q.Reply(code)));
        for (int i = 0; i < 20_000; i++)
        {
            harness.Ask("example.org.", DnsRecordType.A);
        }

        // Ten standard deviations: 42 each.
        Assert.InRange(services.Lines.All.Count, 2000 - 420, 2000 + 420);
        Assert.Equal(10, JsonDocument.Parse(services.Lines.Last).RootElement.GetProperty("sample").GetInt32());

        int before = services.Lines.All.Count;
        code = DnsResponseCode.ServerFailure;
        for (int i = 0; i < 100; i++)
        {
            harness.Ask("example.org.", DnsRecordType.A);
        }

        Assert.Equal(before + 100, services.Lines.All.Count);
    }

    [Fact]
    public void A_query_that_is_not_sampled_is_not_even_watched()
    {
        SnippetServices services = new();
        LogRule rule = new(DnsName.Root, LogFormat.Common, LogClasses.All, 1000, LogClasses.None, TimeSpan.Zero, LogClasses.None);
        LogHandler handler = new(new FuncHandler(q => q.IsObserved ? q.Refuse() : q.Reply(DnsResponseCode.NoError)), [rule], services.Lines, services.Time, services.Metrics.Counter("a", "b"), new Never());
        ChainHarness harness = new(handler);
        harness.Ask("example.org.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.NoError, harness.Query.Response.Code);
        Assert.Empty(services.Lines.All);
    }

    [Fact]
    public void A_question_of_the_servers_own_gets_a_line_although_nobody_encodes_its_answer()
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log", services).Harness(new FuncHandler(q => q.Reply(DnsResponseCode.NameError)));
        harness.Begin("example.org.", DnsRecordType.A);
        harness.Query.Depth = 1;
        harness.Run();
        Assert.Equal(["[INFO] 127.0.0.1:40000 - 0 \"A IN example.org. udp 29 false 512\" NXDOMAIN qr,rd 29 0s"], services.Lines.All);
    }

    private sealed class Never : Random
    {
        public override int Next(int maxValue) => 1;
    }
}
