using System.Net;
using MiniDns.Plugins.Log;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Log;

public sealed class LogPluginTests
{
    private static readonly byte[] Address = [192, 0, 2, 1];

    [Theory]
    [InlineData("log", true)]
    [InlineData("log example.org", true)]
    [InlineData("log example.org. {common}", true)]
    [InlineData("log example.org {combined}", true)]
    [InlineData("log example.org.\nlog example.net {combined}", true)]
    [InlineData("log example.org {host}\nlog example.org {when}", true)]
    [InlineData("log example.org example.net", true)]
    [InlineData("log example.org example.net {when} {\n class denial\n}", true)]
    [InlineData("log example.org {\n class all\n}", true)]
    [InlineData("log {\n class denial error\n}", true)]
    [InlineData("log {\n class denial\n class error\n}", true)]
    [InlineData("log {\n class abracadabra\n}", false)]
    [InlineData("log {\n class\n}", false)]
    [InlineData("log {\n unknown\n}", false)]
    [InlineData("log a..b", false)]
    [InlineData("log example.org \"{common} {/forward/upstream}\"", true)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new LogPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    [Fact]
    public void An_unknown_placeholder_is_a_warning() => Assert.Equal(
        ["Corefile:2:7: log: the placeholder '{when}' is not known; it is written as it stands"],
        SnippetSetup.Run(new LogPlugin(), "log . \"{when} {name}\"").Warnings);

    [Fact]
    public void A_line_looks_like_one_of_CoreDNS()
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log", services).Harness(new FuncHandler(q =>
        {
            services.Time.Advance(TimeSpan.FromTicks(379902));
            return Answer(q);
        }));
        harness.Ask("Example.ORG.", DnsRecordType.A);
        Assert.Equal(["[INFO] 127.0.0.1:40000 - 0 \"A IN example.org. udp 29 false 512\" NOERROR qr,aa,rd 45 0.0379902s"], services.Lines.All);
    }

    [Fact]
    public void An_IPv6_client_with_EDNS_over_TCP()
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log . {combined}", services).Harness(new FuncHandler(Answer));
        harness.Client = new IPEndPoint(IPAddress.Parse("2001:db8::1"), 50759);
        harness.Ask("example.org.", DnsRecordType.AAAA, dnssecOk: true, transport: DnsTransport.Tcp);
        Assert.Equal(["[INFO] [2001:db8::1]:50759 - 0 \"AAAA IN example.org. tcp 40 true 65535\" NOERROR qr,aa,rd 56 0s \"0\""], services.Lines.All);
    }

    [Theory]
    [InlineData("{type}|{class}|{name}|{proto}", "A|IN|www.example.org.|udp")]
    [InlineData("{remote}|{port}|{local}|{size}", "127.0.0.1|40000|[fe80::1]|44")]
    [InlineData("{>id}|{>opcode}|{>do}|{>bufsize}", "0|0|true|4096")]
    [InlineData("{rcode}|{rsize}|{>rflags}|{duration}", "NOERROR|69|qr,aa,rd|0s")]
    [InlineData("{/log/class}|{/log/type}|{/geoip/city}", "success|NOERROR|-")]
    [InlineData("{ {type} }", "{ A }")]
    [InlineData("} {type", "} {type")]
    [InlineData("{TYPE} {type}", "{TYPE} A")]
    [InlineData("\u00E9{type}", "\u00E9A")]
    public void Placeholders_are_replaced(string format, string line)
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), $"log . \"{format}\"", services).Harness(new FuncHandler(q =>
        {
            q.Local = ClientAddress.From(new IPEndPoint(IPAddress.Parse("fe80::1"), 53));
            q.SetQuestion(DnsName.Parse("rewritten.").View, DnsRecordType.TXT);
            return Answer(q);
        }));
        harness.Ask("www.EXAMPLE.org.", DnsRecordType.A, dnssecOk: true);
        Assert.Equal("[INFO] " + line, services.Lines.Last);
    }

    [Theory]
    [InlineData("a\\000b.example.", "a\\000b.example.")]
    [InlineData("a\\010[INFO].example.", "a\\010[info].example.")]
    [InlineData("\\200.example.", "\\200.example.")]
    public void A_name_cannot_break_a_line(string name, string text)
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), "log . {name}", services).Harness(new FuncHandler(Answer)).Ask(name, DnsRecordType.A);
        Assert.Equal("[INFO] " + text, services.Lines.Last);
    }

    [Fact]
    public void The_longest_names_and_numbers_fit()
    {
        SnippetServices services = new();
        string longest = string.Join('.', Enumerable.Repeat(string.Concat(Enumerable.Repeat("\\255", 63)), 3)) + "." + string.Concat(Enumerable.Repeat("\\255", 61)) + ".";
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log . {combined}{name}{local}{local}{local}", services).Harness(new FuncHandler(q =>
        {
            q.Local = q.Client;
            return q.Reply((DnsResponseCode)3841);
        }));
        harness.Client = new IPEndPoint(IPAddress.Parse("2001:2001:2001:2001:2001:2001:2001:2001"), 65535);
        services.Time.Advance(TimeSpan.FromTicks(long.MaxValue / 1000));
        harness.Ask(longest, (DnsRecordType)65280, dnssecOk: true, @class: (DnsRecordClass)65280);
        Assert.Contains("TYPE65280 CLASS65280", services.Lines.Last, StringComparison.Ordinal);
        Assert.Contains("RCODE3841", services.Lines.Last, StringComparison.Ordinal);
        Assert.EndsWith("[2001:2001:2001:2001:2001:2001:2001:2001]", services.Lines.Last, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_that_nobody_claims_is_logged_as_the_SERVFAIL_that_it_becomes()
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), "log . \"{rcode} {>rflags} {rsize} {/log/type}\"", services).Harness().Ask("example.org.", DnsRecordType.A, dnssecOk: true);
        Assert.Equal("[INFO] SERVFAIL qr,rd 40 SERVERERROR", services.Lines.Last);
    }

    [Fact]
    public void A_query_without_a_reply_is_logged_too()
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), "log . \"{rcode} {>rflags} {rsize} {/log/class}\"", services).Harness(new FuncHandler(_ => DnsOutcome.Dropped)).Ask("example.org.", DnsRecordType.A);
        Assert.Equal("[INFO] - - 0 error", services.Lines.Last);
    }

    [Fact]
    public void A_reply_that_is_cut_is_logged_as_it_is_sent()
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), "log . \"{>rflags} {rsize}\"", services).Harness(new FuncHandler(q =>
        {
            for (int i = 0; i < 60; i++)
            {
                Answer(q);
            }

            return DnsOutcome.Replied;
        })).Ask("example.org.", DnsRecordType.A);
        Assert.Equal("[INFO] qr,aa,tc,rd 29", services.Lines.Last);
    }

    [Theory]
    [InlineData("log example.org", "www.example.org.", 1)]
    [InlineData("log example.org", "EXAMPLE.org.", 1)]
    [InlineData("log example.org", "example.net.", 0)]
    [InlineData("log example.org example.net", "a.example.net.", 1)]
    [InlineData("log 10.0.0.0/8", "1.2.3.10.in-addr.arpa.", 1)]
    [InlineData("log {combined}", "example.net.", 1)]
    [InlineData("log a.example.org {\n class error\n}\nlog example.org", "a.example.org.", 0)]
    [InlineData("log a.example.org {\n class error\n}\nlog example.org", "b.example.org.", 1)]
    public void Only_named_zones_are_logged_and_the_first_rule_counts(string lines, string name, int count)
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), lines, services).Harness(new FuncHandler(Answer)).Ask(name, DnsRecordType.A);
        Assert.Equal(count, services.Lines.All.Count);
    }

    [Fact]
    public void A_line_that_is_dropped_is_counted_and_the_answer_goes_out()
    {
        SnippetServices services = new();
        services.Lines.IsFull = true;
        ReadOnlyMemory<byte> reply = SnippetSetup.Run(new LogPlugin(), "log", services).Harness(new FuncHandler(Answer)).Ask("example.org.", DnsRecordType.A);
        Assert.Single(new Reply(reply).Answer);
        Assert.Equal(1, services.Metric("minidns_log_dropped_lines_total"));
    }

    [Theory]
    [InlineData("log . {combined}")]
    [InlineData("log {json}")]
    public void Nothing_is_allocated(string directive)
    {
        SnippetServices services = new();
        services.Lines.KeepsAll = false;
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), directive, services).Harness(new FuncHandler(Answer));
        harness.Client = new IPEndPoint(IPAddress.Parse("2001:db8::1"), 50759);
        int length = harness.Begin("www.\\\"a\\\\b\\200.example.org.", DnsRecordType.A, dnssecOk: true);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
        Assert.Contains("NOERROR", services.Lines.Last, StringComparison.Ordinal);
    }

    private static DnsOutcome Answer(DnsQuery query)
    {
        query.Response.Flags = DnsResponseFlags.Authoritative;
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 60, Address);
        return DnsOutcome.Replied;
    }
}
