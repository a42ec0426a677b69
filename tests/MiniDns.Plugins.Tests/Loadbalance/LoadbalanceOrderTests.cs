using System.Globalization;
using MiniDns.Plugins.Loadbalance;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Loadbalance;

public sealed class LoadbalanceOrderTests
{
    private static readonly string[] Three = ["www.example.org. 300 IN A 192.0.2.1", "www.example.org. 300 IN A 192.0.2.2", "www.example.org. 300 IN A 192.0.2.3"];

    public static TheoryData<AnswerForm> Forms => [.. Enum.GetValues<AnswerForm>()];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_order_comes_up_and_no_record_is_lost(AnswerForm form)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }.Answer(Three));
        Dictionary<string, int> orders = [];
        for (int i = 0; i < 1200; i++)
        {
            Reply reply = new(harness.Ask("www.example.org.", DnsRecordType.A));
            string order = string.Concat(reply.Answer.Select(r => r[^1]));
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(["123", "132", "213", "231", "312", "321"], orders.Keys.Order(StringComparer.Ordinal));
        Assert.All(orders.Values, n => Assert.InRange(n, 120, 290));    // 200 expected; nine standard deviations are 116
    }

    [Theory]
    [InlineData(AnswerForm.RRsets, 16)]
    [InlineData(AnswerForm.RRsets, 17)]
    [InlineData(AnswerForm.RRsets, 128)]
    [InlineData(AnswerForm.Records, 128)]
    [InlineData(AnswerForm.Image, 128)]
    [InlineData(AnswerForm.Wire, 40)]
    public void Many_records_change_places_and_all_are_kept(AnswerForm form, int count)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }.Answer(Addresses(count)));
        List<string> first = new Reply(harness.Ask("www.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp)).Answer;
        List<string> second = new Reply(harness.Ask("www.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp)).Answer;
        Assert.NotEqual(first, second);
        Assert.Equal(count, first.Distinct().Count());
        Assert.Equal(first.Order(StringComparer.Ordinal), second.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void More_records_than_are_put_into_an_order_keep_theirs(AnswerForm form)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }.Answer(Addresses(129)));
        Assert.Equal(
            new Reply(harness.Ask("www.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp)).Answer,
            new Reply(harness.Ask("www.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp)).Answer);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Aliases_go_first_and_addresses_before_MX(AnswerForm form)
    {
        string[] mixed =
        [
            "mx.example.org. 300 IN MX 1 mx1.example.org.",
            "www.example.org. 300 IN A 192.0.2.1",
            "www.example.org. 300 IN A 192.0.2.2",
            "mx.example.org. 300 IN MX 2 mx2.example.org.",
            "a.example.org. 300 IN CNAME b.example.org.",
            "www.example.org. 300 IN A 192.0.2.3",
            "b.example.org. 300 IN CNAME www.example.org.",
            "mx.example.org. 300 IN MX 3 mx3.example.org.",
        ];
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }.Answer(mixed).Additional(mixed));
        HashSet<string> firsts = [];
        for (int i = 0; i < 200; i++)
        {
            Reply reply = new(harness.Ask("a.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp));
            foreach (List<string> section in new[] { reply.Answer, reply.Additional })
            {
                Assert.Equal(["CNAME", "CNAME", "A", "A", "A", "MX", "MX", "MX"], section.Select(r => r.Split(' ')[3]));
                Assert.Equal(["a.example.org.", "b.example.org."], section.Take(2).Select(r => r.Split(' ')[0]));
            }

            firsts.Add(reply.Answer[2]);
            firsts.Add(reply.Answer[5]);
        }

        Assert.Equal(6, firsts.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc2181_5_RRsets_change_places_as_a_whole(AnswerForm form)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }
            .Answer("example.org. 300 IN NS ns1.example.org.", "example.org. 300 IN NS ns2.example.org.")
            .Additional("ns1.example.org. 300 IN A 192.0.2.1", "ns1.example.org. 300 IN A 192.0.2.2")
            .Additional("ns1.example.org. 300 IN AAAA 2001:db8::1")
            .Additional("ns2.example.org. 300 IN A 192.0.2.3", "ns2.example.org. 300 IN A 192.0.2.4"));
        HashSet<string> orders = [];
        for (int i = 0; i < 500; i++)
        {
            Reply reply = new(harness.Ask("example.org.", DnsRecordType.NS));
            Assert.Equal(5, reply.Additional.Distinct().Count());
            string[] sets = [.. reply.Additional.Select(r => r.Split(' ')[0][2] + r.Split(' ')[3])];
            Assert.Equal(3, Runs(sets));
            orders.Add(string.Join(' ', reply.Additional));
        }

        Assert.Equal(24, orders.Count);     // 3! orders of RRsets, two in each of two
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Signatures_follow_their_records(AnswerForm form)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form }
            .Answer(Three)
            .Answer("www.example.org. 300 IN RRSIG A 8 3 300 20300101000000 20200101000000 1 example.org. AAAA"));
        HashSet<string> firsts = [];
        for (int i = 0; i < 100; i++)
        {
            Reply reply = new(harness.Ask("www.example.org.", DnsRecordType.A, dnssecOk: true));
            Assert.Equal(["A", "A", "A", "RRSIG"], reply.Answer.Select(r => r.Split(' ')[3]));
            firsts.Add(reply.Answer[0]);
        }

        Assert.Equal(3, firsts.Count);
    }

    [Theory]
    [InlineData(DnsRecordType.AXFR)]
    [InlineData(DnsRecordType.IXFR)]
    public void Transfers_are_left_alone(DnsRecordType type)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer().Answer(Three));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Three, new Reply(harness.Ask("www.example.org.", type)).Answer);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Errors_are_left_alone(AnswerForm form)
    {
        ChainHarness harness = Harness("loadbalance", new ScriptedAnswer { Form = form, Code = DnsResponseCode.NameError }.Answer(Three));
        HashSet<string> firsts = [];
        for (int i = 0; i < 20; i++)
        {
            firsts.Add(new Reply(harness.Ask("www.example.org.", DnsRecordType.A)).Answer[0]);
        }

        Assert.Single(firsts);
    }

    [Fact]
    public void What_is_shared_is_not_changed()
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = AnswerForm.RRsets }.Answer(Three);
        ChainHarness harness = Harness("loadbalance", script);
        byte[] body = script.Sets[0].Body.ToArray();
        byte[] image = script.Image!.Message.ToArray();
        for (int i = 0; i < 20; i++)
        {
            script.Form = AnswerForm.RRsets;
            harness.Ask("www.example.org.", DnsRecordType.A);
            script.Form = AnswerForm.Image;
            harness.Ask("www.example.org.", DnsRecordType.A);
        }

        Assert.Equal(body, script.Sets[0].Body.ToArray());
        Assert.Equal(image, script.Image.Message.ToArray());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_addresses_of_preferred_networks_go_first_in_their_order(AnswerForm form)
    {
        ChainHarness harness = Harness(
            "loadbalance {\n prefer 192.0.2.128/25\n prefer 10.9.20.0/24 2001:db8::/32\n}",
            new ScriptedAnswer { Form = form }.Answer(
                "www.example.org. 300 IN A 192.0.2.1",
                "www.example.org. 300 IN A 10.9.20.1",
                "www.example.org. 300 IN A 192.0.2.200",
                "www.example.org. 300 IN A 192.0.2.2",
                "www.example.org. 300 IN A 10.9.20.2"));
        HashSet<string> orders = [];
        for (int i = 0; i < 200; i++)
        {
            List<string> addresses = [.. new Reply(harness.Ask("www.example.org.", DnsRecordType.A)).Answer.Select(r => r.Split(' ')[^1])];
            Assert.Equal("192.0.2.200", addresses[0]);
            Assert.Equal(["10.9.20.1", "10.9.20.2"], addresses.Skip(1).Take(2).Order(StringComparer.Ordinal));
            Assert.Equal(["192.0.2.1", "192.0.2.2"], addresses.Skip(3).Order(StringComparer.Ordinal));
            orders.Add(string.Join(' ', addresses));
        }

        Assert.Equal(4, orders.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nothing_is_allocated(AnswerForm form)
    {
        foreach (string directive in new[] { "loadbalance", "loadbalance {\n prefer 192.0.2.2/32\n}" })
        {
            ChainHarness harness = Harness(directive, new ScriptedAnswer { Form = form }.Answer(Three).Additional(Three).Additional("x.example.org. 300 IN A 192.0.2.9"));
            int length = harness.Begin("www.example.org.", DnsRecordType.A);
            AllocationAssert.None(() =>
            {
                harness.BeginAgain(length);
                harness.Run();
            });
        }
    }

    private static int Runs(string[] words) => words.Where((w, i) => i == 0 || words[i - 1] != w).Count();

    private static string[] Addresses(int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"www.example.org. 300 IN A 10.0.{i / 256}.{i % 256}"))];

    private static ChainHarness Harness(string lines, ScriptedAnswer script)
    {
        SnippetSetup setup = SnippetSetup.Run(new LoadbalancePlugin(), lines);
        Assert.Empty(setup.Errors);
        return setup.Harness(script.Prepare("www.example.org.", DnsRecordType.A));
    }
}
