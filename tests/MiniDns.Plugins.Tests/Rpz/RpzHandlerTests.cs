using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class RpzHandlerTests
{
    private const string NxDomain = "NameError + rpz.test. 60 SOA";
    private const string NoData = "NoError + rpz.test. 60 SOA";

    private static readonly (string Question, string Expected)[] Cases =
    [
        ("nx.example", NxDomain),
        ("NX.Example", NxDomain),
        ("nodata.example", NoData),
        ("pass.example", "NoError | pass.example. 300 A 192.0.2.40 // example. 300 NS (12)"),
        ("self.example", "NoError | self.example. 300 A 192.0.2.40 // example. 300 NS (12)"),
        ("anything.example", NxDomain),
        ("x.y.example", NxDomain),
        ("x.pass.example", "NoError | x.pass.example. 300 A 192.0.2.40 // example. 300 NS (12)"),
        ("x.c.d.example", "NoError | x.c.d.example. 300 A 192.0.2.41 // example. 300 NS (12)"),
        ("c.d.example", "NoError // example. 90 SOA (47)"),
        ("drop.example", "Dropped"),
        ("tcp.example", "NoError | tcp.example. 300 A 192.0.2.40 // example. 300 NS (12)"),
        ("local.example", "NoError | local.example. 60 A 192.0.2.99 | local.example. 60 A 192.0.2.100 + rpz.test. 60 SOA"),
        ("local.example TXT", "NoError | local.example. 60 TXT (3) + rpz.test. 60 SOA"),
        ("local.example MX", NoData),
        ("local.example ANY", "NoError | local.example. 60 A 192.0.2.99 | local.example. 60 A 192.0.2.100 | local.example. 60 TXT (3) + rpz.test. 60 SOA"),
        ("cn.example", "NoError | cn.example. 60 CNAME garden.good. | garden.good. 300 A 192.0.2.1 + rpz.test. 60 SOA"),
        ("cn.example CNAME", "NoError | cn.example. 60 CNAME garden.good. + rpz.test. 60 SOA"),
        ("cn.example TXT", "NoError | cn.example. 60 CNAME garden.good. // good. 90 SOA (41) + rpz.test. 60 SOA"),
        ("wc.example", "NoError | wc.example. 60 CNAME wc.example.garden.good. | wc.example.garden.good. 300 A 192.0.2.2 + rpz.test. 60 SOA"),
        ("a.b.wild.example", "NoError | a.b.wild.example. 60 CNAME a.b.wild.example.garden.good. | a.b.wild.example.garden.good. 300 A 192.0.2.2 + rpz.test. 60 SOA"),
        ("alias.good", "NameError | alias.good. 300 CNAME target.good. + rpz.test. 60 SOA"),
        ("alias2.good", "NoError | alias2.good. 300 CNAME targetlocal.good. | targetlocal.good. 60 A 192.0.2.98 + rpz.test. 60 SOA"),
        ("alias3.good", "NameError | alias3.good. 300 CNAME alias.good. | alias.good. 300 CNAME target.good. + rpz.test. 60 SOA"),
        ("toevil.good", "NameError | toevil.good. 300 CNAME nx.example. + rpz.test. 60 SOA"),
        ("ip7.good", NxDomain),
        ("ip8.good", NoData),
        ("ip9.good", "NoError | ip9.good. 60 A 192.0.2.97 + rpz.test. 60 SOA"),
        ("ip9.good TXT", "NoError // good. 90 SOA (41)"),
        ("ip10.good", "NoError | ip10.good. 300 A 192.0.2.10 // good. 300 NS (9)"),
        ("ip11.good", "Dropped"),
        ("ip12.good", NxDomain),
        ("ip7a.good", "NameError | ip7a.good. 300 CNAME ip7.good. + rpz.test. 60 SOA"),
        ("ip9a.good", "NoError | ip9a.good. 300 CNAME ip9.good. | ip9.good. 60 A 192.0.2.97 + rpz.test. 60 SOA"),
        ("mix.good", NxDomain),
        ("net.good", NoData),
        ("six.good AAAA", NxDomain),
        ("plain.good", "NoError | plain.good. 300 A 192.0.2.50 // good. 300 NS (9)"),
        ("missing.good", "NameError // good. 90 SOA (41)"),
    ];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Every_trigger_and_action_whatever_form_the_answer_has(bool asWire, bool isSlow)
    {
        await using RpzSetting setting = await new RpzSetting { Form = new ReformPlugin { AsWire = asWire, IsSlow = isSlow } }.StartWithAsync(RpzSetting.Policy);
        List<string> found = [];
        foreach ((string question, _) in Cases)
        {
            found.Add($"{question}: {await setting.AskAsync(question)}");
        }

        Assert.Equal(Cases.Select(c => $"{c.Question}: {c.Expected}"), found);
    }

    [Theory]
    [InlineData("tcp.example")]
    [InlineData("ip10.good")]
    public async Task Over_UDP_a_client_is_sent_to_TCP(string name)
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy);
        Assert.Equal("NoError tc", await setting.AskAsync(name, transport: DnsTransport.Udp));
        Assert.StartsWith("NoError | ", await setting.AskAsync(name, transport: DnsTransport.Tls), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_told_apart_by_its_address()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy);
        Assert.Equal(NxDomain, await setting.AskAsync("plain.good", client: "127.0.0.9"));
        Assert.Equal(NxDomain, await setting.AskAsync("local.example", client: "127.0.0.9"));
        Assert.StartsWith("NoError | plain.good.", await setting.AskAsync("plain.good", client: "127.0.0.8"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy given", "NameError | NoError | NameError")]
    [InlineData("policy disabled", "NoError | nx.example. 300 | NoError | local.example. 300 | NoError | ip7.good. 300")]
    [InlineData("policy passthru", "NoError | nx.example. 300 | NoError | local.example. 300 | NoError | ip7.good. 300")]
    [InlineData("policy drop", "Dropped | Dropped | Dropped")]
    [InlineData("policy nxdomain", "NameError | NameError | NameError")]
    [InlineData("policy nodata", "NoError | NoError | NoError")]
    public async Task An_override_counts_in_place_of_what_records_say(string option, string expected)
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy, option + "\nadd_soa off");
        List<string> found = [];
        foreach (string name in (string[])["nx.example", "local.example", "ip7.good"])
        {
            string reply = await setting.AskAsync(name);
            found.Add(reply.Split(" A ")[0]);
        }

        if (option == "policy given")
        {
            found[1] = found[1].Split(" |")[0];
        }

        Assert.Equal(expected, string.Join(" | ", found));
    }

    [Fact]
    public async Task An_override_may_lead_elsewhere()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy, "policy cname garden.good");
        Assert.Equal("NoError | nx.example. 300 CNAME garden.good. | garden.good. 300 A 192.0.2.1 + rpz.test. 60 SOA", await setting.AskAsync("nx.example"));
        Assert.Equal("NoError | ip7.good. 300 CNAME garden.good. | garden.good. 300 A 192.0.2.1 + rpz.test. 60 SOA", await setting.AskAsync("ip7.good"));
    }

    [Theory]
    [InlineData("max_ttl 10", "nx.example", "NameError + rpz.test. 10 SOA EDE 15")]
    [InlineData("max_ttl 10", "local.example TXT", "NoError | local.example. 10 TXT (3) + rpz.test. 10 SOA EDE 15")]
    [InlineData("ede filtered", "nx.example", "NameError + rpz.test. 60 SOA EDE 17")]
    [InlineData("ede none\nadd_soa off", "nx.example", "NameError")]
    public async Task Options_of_a_zone(string options, string question, string expected)
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy, options);
        Assert.Equal(expected, await setting.AskAsync(question, edns: true));
    }

    /// <summary>The draft's order: the place in the chain of aliases, the zone, the trigger.</summary>
    [Fact]
    public async Task What_comes_first_counts()
    {
        await using RpzSetting setting = new();
        setting.Write("one", RpzSetting.Soa + "32.7.2.0.192.rpz-ip CNAME *.\nip9.good A 192.0.2.61\n32.9.2.0.192.rpz-ip A 192.0.2.62\n32.9.0.0.127.rpz-client-ip A 192.0.2.63\n");
        setting.Write("two", RpzSetting.Soa + "ip7.good CNAME .\nip7a.good A 192.0.2.64\nnx.example A 192.0.2.65\n");
        await setting.StartAsync("zone one { \nfile DIR/one\n}\nzone two {\nfile DIR/two\n}");

        // An address of the first zone comes before a name of the second, an alias's name before what it leads to.
        Assert.Equal("NoError + one. 60 SOA", await setting.AskAsync("ip7.good"));
        Assert.Equal("NoError | ip7a.good. 60 A 192.0.2.64 + two. 60 SOA", await setting.AskAsync("ip7a.good"));

        // Within a zone: the client, the name, the address.
        Assert.Equal("NoError | ip9.good. 60 A 192.0.2.61 + one. 60 SOA", await setting.AskAsync("ip9.good"));
        Assert.Equal("NoError | ip9.good. 60 A 192.0.2.63 + one. 60 SOA", await setting.AskAsync("ip9.good", client: "127.0.0.9"));
        Assert.Equal("NoError | nx.example. 60 A 192.0.2.65 + two. 60 SOA", await setting.AskAsync("nx.example"));
    }

    [Fact]
    public async Task A_zone_that_passes_a_name_hides_later_zones_and_a_disabled_one_does_not()
    {
        await using RpzSetting setting = new();
        setting.Write("one", RpzSetting.Soa + "nx.example CNAME rpz-passthru.\n");
        setting.Write("two", RpzSetting.Soa + "nx.example CNAME .\n");
        await setting.StartAsync("zone one { \nfile DIR/one\n}\nzone two {\nfile DIR/two\n}");
        Assert.StartsWith("NoError | nx.example. 300 A", await setting.AskAsync("nx.example"), StringComparison.Ordinal);
        await setting.StartAsync("zone one { \nfile DIR/one\npolicy disabled\n}\nzone two {\nfile DIR/two\n}");
        Assert.Equal("NameError + two. 60 SOA", await setting.AskAsync("nx.example"));
        Assert.Equal(1, setting.Metric("minidns_rpz_matches_total", "one.", "qname", "disabled"));
        Assert.Equal(1, setting.Metric("minidns_rpz_matches_total", "one.", "qname", "passthru"));
        Assert.Equal(1, setting.Metric("minidns_rpz_matches_total", "two.", "qname", "nxdomain"));
    }

    [Fact]
    public async Task A_name_with_a_rule_is_not_asked_unless_that_is_wanted()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy);
        await setting.AskAsync("nx.example");
        Assert.Equal(0, setting.Form.Asked);
        await setting.StartAsync("zone rpz.test {\nfile DIR/rpz.zone\n}\nqname_wait_recurse");
        Assert.Equal(NxDomain, await setting.AskAsync("nx.example"));
        Assert.Equal(1, setting.Form.Asked);
    }

    [Fact]
    public async Task Groups_and_allowed_names()
    {
        await using RpzSetting setting = new();
        setting.Write("one", RpzSetting.Soa + "nx.example CNAME .\ntarget.good CNAME .\n*.wild.example CNAME .\n");
        setting.Write("two", RpzSetting.Soa + "nodata.example CNAME .\n");
        setting.Write("fine", "||fine.wild.example^\n");
        await setting.StartAsync("""
            zone one {
                file DIR/one
            }
            zone two {
                file DIR/two
            }
            allow target.good
            allow_list DIR/fine
            group some 10.0.0.0/8 {
                zones two
            }
            group none 10.1.0.0/16 {
                off
            }
            """);
        Assert.StartsWith("NameError", await setting.AskAsync("nx.example"), StringComparison.Ordinal);
        Assert.StartsWith("NameError", await setting.AskAsync("nodata.example"), StringComparison.Ordinal);
        Assert.StartsWith("NoError", await setting.AskAsync("nx.example", client: "10.0.0.1"), StringComparison.Ordinal);
        Assert.StartsWith("NameError", await setting.AskAsync("nodata.example", client: "10.0.0.1"), StringComparison.Ordinal);
        Assert.StartsWith("NoError", await setting.AskAsync("nodata.example", client: "10.1.0.1"), StringComparison.Ordinal);
        Assert.StartsWith("NameError", await setting.AskAsync("bad.wild.example"), StringComparison.Ordinal);
        Assert.StartsWith("NoError", await setting.AskAsync("a.fine.wild.example"), StringComparison.Ordinal);
        Assert.StartsWith("NoError", await setting.AskAsync("alias.good"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ns.evil.rpz-nsdname CNAME .", "NameError")]
    [InlineData("*.evil.rpz-nsdname CNAME .", "NameError")]
    [InlineData("*.other.rpz-nsdname CNAME .", "NoError")]
    [InlineData("32.66.2.0.192.rpz-nsip CNAME .", "NameError")]
    [InlineData("128.66.zz.db8.2001.rpz-nsip CNAME .", "NameError")]
    [InlineData("32.67.2.0.192.rpz-nsip CNAME .", "NoError")]
    [InlineData("ns.parent.rpz-nsdname CNAME .", "NameError")]
    [InlineData("ns.top.rpz-nsdname CNAME .", "NoError")]
    public async Task The_servers_of_a_name_are_found(string rule, string code)
    {
        await using RpzSetting setting = new();
        setting.Write("rpz.zone", RpzSetting.Soa + rule + "\n");
        setting.Write("sub.zone", "$TTL 300\n@ SOA ns.evil. admin 1 3600 600 86400 90\n@ NS ns.evil.\n@ NS ns.fine.\na.b A 192.0.2.1\nother A 192.0.2.2\nc CNAME a.b\n");
        setting.Write("parent.zone", "$TTL 300\n@ SOA ns.parent. admin 1 3600 600 86400 90\n@ NS ns.parent.\n");
        setting.Write("top.zone", "$TTL 300\n@ SOA ns.top. admin 1 3600 600 86400 90\n@ NS ns.top.\n");
        setting.Write("evil.zone", "$TTL 300\n@ SOA ns admin 1 3600 600 86400 90\n@ NS ns\nns A 192.0.2.66\nns AAAA 2001:db8::66\n");
        await setting.StartAsync("zone rpz.test {\nfile DIR/rpz.zone\n}\n}\nfile DIR/sub.zone sub.parent.top\nfile DIR/parent.zone parent.top\nfile DIR/top.zone top\nfile DIR/evil.zone evil {\n");
        Assert.StartsWith(code, await setting.AskAsync("a.b.sub.parent.top"), StringComparison.Ordinal);
        Assert.StartsWith(code, await setting.AskAsync("sub.parent.top TXT"), StringComparison.Ordinal);
        Assert.StartsWith(code, await setting.AskAsync("c.sub.parent.top"), StringComparison.Ordinal);
        Assert.StartsWith("NoError | plain.good.", await setting.AskAsync("plain.good"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("on", "NameError")]
    [InlineData("off", "NoError")]
    public async Task Signed_answers_are_rewritten_if_that_is_wanted(string option, string code)
    {
        await using RpzSetting setting = new() { Form = new ReformPlugin { Signs = true } };
        setting.Write("rpz.zone", RpzSetting.Policy);
        await setting.StartAsync($"zone rpz.test {{\nfile DIR/rpz.zone\n}}\nbreak_dnssec {option}");
        Assert.StartsWith(code, await setting.AskAsync("nx.example", edns: true), StringComparison.Ordinal);
        Assert.StartsWith(code, await setting.AskAsync("ip7.good", edns: true), StringComparison.Ordinal);
        Assert.StartsWith("NameError", await setting.AskAsync("nx.example"), StringComparison.Ordinal);
        Assert.StartsWith("NameError", await setting.AskAsync("ip7.good"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Matches_are_told_of()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy, "log");
        await setting.AskAsync("x.y.example");
        await setting.AskAsync("ip7a.good");
        await setting.AskAsync("alias.good");
        string[] lines = [.. setting.Server.Log.Lines.Where(l => l.Contains("client ", StringComparison.Ordinal))];
        Assert.Collection(
            lines,
            l => Assert.Contains("client 192.0.2.200:4711: QNAME NXDOMAIN x.y.example. A via *.example.rpz.test.", l, StringComparison.Ordinal),
            l => Assert.Contains("client 192.0.2.200:4711: IP NXDOMAIN ip7.good. A via 32.7.2.0.192.rpz-ip.rpz.test.", l, StringComparison.Ordinal),
            l => Assert.Contains("client 192.0.2.200:4711: QNAME NXDOMAIN target.good. A via target.good.rpz.test.", l, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain.good.")]
    [InlineData("nx.example.")]
    [InlineData("local.example.")]
    [InlineData("missing.good.")]
    public async Task A_query_that_is_answered_from_memory_allocates_nothing(string name)
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Policy);
        int length = setting.Server.Chain.Begin(name, DnsRecordType.A, dnssecOk: true);
        AllocationAssert.None(() =>
        {
            setting.Server.Chain.BeginAgain(length, DnsTransport.Udp);
            setting.Server.Chain.Run();
        });
    }
}
