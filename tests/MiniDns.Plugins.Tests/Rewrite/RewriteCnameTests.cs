using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Tests.Hosts;
using MiniDns.Plugins.Tests.Search;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rewrite;

/// <summary>Aliases that lead elsewhere.</summary>
public sealed class RewriteCnameTests
{
    [Theory]
    [InlineData("cname def.example. xyz.example.", false, false)]
    [InlineData("cname prefix def. xyz.", true, false)]
    [InlineData("cname suffix f.example. f.example.\nrewrite cname def.example. xyz.example.", false, true, "def.example.")]
    [InlineData("cname regex (d)EF\\.(.*) xyz.{2}", true, true)]
    [InlineData("continue cname substring de none\nrewrite continue cname other. third.\nrewrite cname substring def xyz", false, false)]
    public async Task The_target_is_led_elsewhere_and_looked_up(string rules, bool slow, bool wire, string target = "xyz.example.")
    {
        ScriptedPlugin upstream = Upstream(slow, wire).Host("xyz.example.", "192.0.2.9", ttl: 77).Host("def.example.", "192.0.2.2", ttl: 77);
        await using PluginHarness server = Serve(rules, upstream);
        string address = target == "xyz.example." ? "192.0.2.9" : "192.0.2.2";
        Assert.Equal($"NoError | abc.example. 200 CNAME {target} | {target} 77 A {address}", server.Chain.Say("abc.example.", DnsRecordType.A));
        Assert.Equal(["abc.example. A", $"{target} A"], upstream.Asked);
    }

    [Fact]
    public async Task Aliases_before_it_are_kept_and_other_rules_see_the_new_records()
    {
        ScriptedPlugin upstream = Upstream().On("chain.example.", DnsRecordType.A, r =>
        {
            ScriptedPlugin.Alias(r, "chain.example.", "one.example.");
            ScriptedPlugin.Alias(r, "one.example.", "two.prod.");
            ScriptedPlugin.Alias(r, "two.prod.", "three.prod.");
            ScriptedPlugin.Address(r, "three.prod.", "192.0.2.3", 300);
        }).Host("two.staging.", "192.0.2.4", ttl: 300);
        await using PluginHarness server = Serve("continue ttl chain.example. 9\nrewrite cname suffix prod. staging.", upstream);
        Assert.Equal(
            "NoError | chain.example. 9 CNAME one.example. | one.example. 9 CNAME two.staging. | two.staging. 9 A 192.0.2.4",
            server.Chain.Say("chain.example.", DnsRecordType.A));
    }

    [Fact]
    public async Task The_code_is_that_of_the_new_target()
    {
        await using PluginHarness server = Serve("cname def.example. none.example.", Upstream());
        Assert.Equal("NameError | abc.example. 200 CNAME none.example. // com. 900 SOA (22)", server.Chain.Say("abc.example.", DnsRecordType.A));
    }

    [Theory]
    [InlineData(DnsOutcome.Unclaimed, "NoError | abc.example. 200 CNAME away.example.")]
    [InlineData(DnsOutcome.Dropped, "dropped")]
    public async Task A_target_that_nobody_here_knows_is_left_to_the_client(DnsOutcome outcome, string expected)
    {
        await using PluginHarness server = Serve("cname def.example. away.example.", Upstream().Outcome("away.example.", outcome));
        Assert.Equal(expected, server.Chain.Say("abc.example.", DnsRecordType.A));
    }

    [Fact]
    public async Task Rules_that_lead_round_in_a_circle_end()
    {
        ScriptedPlugin upstream = Upstream()
            .On("xyz.example.", DnsRecordType.A, r => ScriptedPlugin.Alias(r, "xyz.example.", "def.example."));
        await using PluginHarness server = Serve("cname def.example. xyz.example.", upstream);
        Assert.StartsWith("ServerFailure", server.Chain.Say("abc.example.", DnsRecordType.A), StringComparison.Ordinal);
        Assert.True(upstream.Asked.Count <= IQueryRunner.MaxDepth + 1);
    }

    [Fact]
    public async Task A_question_for_the_alias_itself_looks_nothing_up()
    {
        ScriptedPlugin upstream = Upstream().On("abc.example.", DnsRecordType.CNAME, r => ScriptedPlugin.Alias(r, "abc.example.", "def.example."));
        await using PluginHarness server = Serve("cname def.example. xyz.example.", upstream);
        Assert.Equal("NoError | abc.example. 200 CNAME xyz.example.", server.Chain.Say("abc.example.", DnsRecordType.CNAME));
        Assert.Equal(["abc.example. CNAME"], upstream.Asked);
    }

    [Fact]
    public async Task Answers_from_the_cache_are_given_back_under_the_clients_names()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Host("www.new.example.", "192.0.2.1");
        await using PluginHarness server = PluginHarness.Stanza(
            "rewrite name suffix .old.example .new.example answer auto\ncache\nscripted",
            plugins: [new RewritePlugin(), new Plugins.Cache.CachePlugin(), upstream]);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("NoError | WWW.old.example. 300 A 192.0.2.1", server.Chain.Say("WWW.old.example.", DnsRecordType.A));
        }

        Assert.Equal("NoError | www.new.example. 300 A 192.0.2.1", server.Chain.Say("www.new.example.", DnsRecordType.A));
        Assert.Single(upstream.Asked);
    }

    private static ScriptedPlugin Upstream(bool slow = false, bool wire = false) =>
        new ScriptedPlugin { IsSlow = slow, AsWire = wire }.On("abc.example.", DnsRecordType.A, r =>
        {
            ScriptedPlugin.Alias(r, "abc.example.", "def.example.");
            ScriptedPlugin.Address(r, "def.example.", "192.0.2.1", 300);
        });

    private static PluginHarness Serve(string rules, ScriptedPlugin upstream) =>
        PluginHarness.Stanza("rewrite " + rules + "\nscripted", plugins: [new RewritePlugin(), upstream]);
}
