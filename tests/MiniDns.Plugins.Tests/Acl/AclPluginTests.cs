using System.Net;
using MiniDns.Plugins.Acl;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Dns64;
using MiniDns.Plugins.FileZones;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Search;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Acl;

public sealed class AclPluginTests
{
    public static TheoryData<AnswerForm> Forms => [.. Enum.GetValues<AnswerForm>()];

    [Theory]
    [InlineData("acl {\n block type A net 192.168.0.0/16\n}", true)]
    [InlineData("acl {\n BLOCK TYPE a NET *\n}", true)]
    [InlineData("acl {\n allow type * net 192.168.1.0/24\n block\n}", true)]
    [InlineData("acl a.example.org {\n block type * net 192.168.1.0/24\n}\n acl b.example.org {\n drop\n}", true)]
    [InlineData("acl example.org {\n filter type TXT ANY TYPE65 net 192.168.3.0/24 10.0.0.1\n}", true)]
    [InlineData("acl {\n block net 2001:db8:85a3::8a2e:370:7334/64 2001:0db8:85a3:0000:0000:8a2e:0370:7334\n}", true)]
    [InlineData("acl {\n block net 10.0.0.0/8 type A net 11.0.0.0/8\n}", true)]
    [InlineData("acl", true)]
    [InlineData("acl {\n block A net 192.168.0.0/16\n}", false)]
    [InlineData("acl {\n block type net 192.168.0.0/16\n}", false)]
    [InlineData("acl {\n block type A net\n}", false)]
    [InlineData("acl {\n block type ABC net 192.168.0.0/16\n}", false)]
    [InlineData("acl {\n blck type A\n}", false)]
    [InlineData("acl {\n block net 192.168.0/16\n}", false)]
    [InlineData("acl {\n block net 192.168.0.0/33\n}", false)]
    [InlineData("acl {\n block net fe80::1%eth0\n}", false)]
    [InlineData("acl {\n block net 2001::85a3::8a2e:370:7334\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new AclPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void All_that_is_wrong_is_said_at_once_with_its_place()
    {
        SnippetSetup setup = SnippetSetup.Run(new AclPlugin(), "acl {\n blok type A\n block typ A\n block type AAAAA net 1.2.3/8\n filter net\n}");
        Assert.Equal(
            [
                "Corefile:3:2: acl: 'blok' is not 'allow', 'block', 'filter' or 'drop'; write 'ACTION [type QTYPE...] [net SOURCE...]'; did you mean 'block'?",
                "Corefile:4:8: acl: 'typ' is not 'type' or 'net'; write 'block [type QTYPE...] [net SOURCE...]'",
                "Corefile:5:13: acl: 'AAAAA' is not a record type such as A, AAAA or TYPE65, nor '*'",
                "Corefile:5:23: acl: '1.2.3/8' is not an address or a network such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32, nor '*'",
                "Corefile:6:9: acl: a network such as 10.0.0.0/8, or '*', is expected after 'net'",
            ],
            setup.Errors);
        Assert.Single(SnippetSetup.Run(new AclPlugin(), "acl {\n block\n allow net 10.0.0.0/8\n}").Warnings);
    }

    [Theory]
    [InlineData("block type A net 192.168.0.0/16", "192.168.0.2", DnsRecordType.A, "block")]
    [InlineData("block type A net 192.168.0.0/16", "192.167.0.2", DnsRecordType.A, "allow")]
    [InlineData("block type A net 192.168.0.0/16", "192.168.0.2", DnsRecordType.AAAA, "allow")]
    [InlineData("filter type * net 192.168.0.0/16", "192.168.0.2", DnsRecordType.AAAA, "filter")]
    [InlineData("drop", "2001:db8::1", DnsRecordType.TXT, "drop")]
    [InlineData("allow net 192.168.0.0/16\n block", "192.168.0.2", DnsRecordType.A, "allow")]
    [InlineData("allow net 192.168.0.0/16\n block", "10.1.0.2", DnsRecordType.A, "block")]
    [InlineData("block net 192.168.1.0/24\n drop net 192.168.0.0/16", "192.168.1.2", DnsRecordType.A, "block")]
    [InlineData("drop net 192.168.0.0/16\n block net 192.168.1.0/24", "192.168.1.2", DnsRecordType.A, "drop")]
    [InlineData("block net 192.168.1.2", "192.168.1.2", DnsRecordType.A, "block")]
    [InlineData("block net 192.168.1.2", "192.168.1.3", DnsRecordType.A, "allow")]
    [InlineData("block type A TXT net 10.0.0.0/8 2001:db8::/32", "2001:db8::1", DnsRecordType.TXT, "block")]
    [InlineData("block type A TXT net 10.0.0.0/8 2001:db8::/32", "2001:db9::1", DnsRecordType.TXT, "allow")]
    [InlineData("block net 192.168.0.0/16", "::ffff:192.168.0.1", DnsRecordType.A, "block")]
    public void The_first_line_that_fits_decides(string lines, string client, DnsRecordType type, string expected) =>
        Assert.Equal(expected, Ask("acl example.org {\n" + lines + "\n}", "www.example.org.", client, type));

    [Theory]
    [InlineData("www.example.org.", "block")]
    [InlineData("WWW.Example.Org.", "block")]
    [InlineData("example.org.", "block")]
    [InlineData("example.net.", "allow")]
    [InlineData("notexample.org.", "allow")]
    public void A_rule_is_for_the_names_of_its_zones(string name, string expected) =>
        Assert.Equal(expected, Ask("acl example.org {\n block\n}", name));

    [Theory]
    [InlineData("acl a.example.org {\n allow\n}\n acl example.org {\n block\n}", "a.example.org.", "allow")]
    [InlineData("acl a.example.org {\n allow\n}\n acl example.org {\n block\n}", "b.example.org.", "block")]
    [InlineData("acl a.example.org {\n allow net 10.0.0.0/8\n}\n acl example.org {\n block\n}", "a.example.org.", "block")]
    [InlineData("acl example.org {\n block\n}\n acl a.example.org {\n allow\n}", "a.example.org.", "block")]
    public void What_one_rule_allows_no_later_one_denies(string rules, string name, string expected) =>
        Assert.Equal(expected, Ask(rules, name));

    [Fact]
    public void Denials_tell_why_and_are_counted()
    {
        using TestEnd end = new("acl example.org {\n block type A\n filter type AAAA\n drop type TXT\n}");
        Reply reply = new(end.Chain.Ask("www.example.org.", DnsRecordType.A, dnssecOk: true));
        Assert.Equal((DnsResponseCode.Refused, "000F"), (reply.Code, Convert.ToHexString(reply.Option(EdnsOptionCode.ExtendedError)!)));
        reply = new(end.Chain.Ask("www.example.org.", DnsRecordType.AAAA, dnssecOk: true));
        Assert.Equal((DnsResponseCode.NoError, "0011"), (reply.Code, Convert.ToHexString(reply.Option(EdnsOptionCode.ExtendedError)!)));
        Assert.True(end.Chain.Ask("www.example.org.", DnsRecordType.TXT).IsEmpty);
        end.Chain.Ask("www.example.org.", DnsRecordType.MX);
        Assert.Equal([1, 1, 1, 1], ((string[])["blocked", "filtered", "dropped", "allowed"]).Select(end.Count));
        Assert.Equal(["www.example.org. MX"], end.Upstream.Asked);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_alias_to_a_denied_name_is_denied(AnswerForm form)
    {
        foreach ((string action, string expected) in (ReadOnlySpan<(string, string)>)[("block", "block"), ("filter", "filter"), ("drop", "drop")])
        {
            using TestEnd end = new("acl secret.example {\n" + action + " net 10.0.0.0/8\n}\n cache");
            end.Upstream.On("www.example.org.", DnsRecordType.A, new ScriptedAnswer { Form = form }.Answer("www.example.org. 300 IN CNAME WWW.secret.example.", "WWW.secret.example. 300 IN A 192.0.2.1"));
            Assert.Equal("allow", end.Ask("www.example.org.", "192.0.2.9"));
            Assert.Equal(expected, end.Ask("www.example.org.", "10.0.0.1"));
            Assert.Equal("allow", end.Ask("www.example.org.", "192.0.2.9"));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Addresses_of_denied_names_are_taken_from_the_additional_section(AnswerForm form)
    {
        using TestEnd end = new("acl secret.example {\n block net 10.0.0.0/8\n}");
        end.Upstream.On("example.org.", DnsRecordType.MX, new ScriptedAnswer { Form = form }
            .Answer("example.org. 300 IN MX 10 mail.secret.example.")
            .Authority("example.org. 300 IN NS ns.example.org.")
            .Additional("ns.example.org. 300 IN A 192.0.2.53", "mail.secret.example. 300 IN A 192.0.2.25", "mail.secret.example. 300 IN AAAA 2001:db8::25"));
        end.Client = "192.0.2.9";
        Assert.Equal(3, new Reply(end.Chain.Ask("example.org.", DnsRecordType.MX)).Additional.Count);
        end.Client = "10.0.0.1";
        Reply reply = new(end.Chain.Ask("example.org.", DnsRecordType.MX));
        Assert.Equal((1, 1), (reply.Answer.Count, reply.Authority.Count));
        Assert.Contains("ns.example.org.", Assert.Single(reply.Additional), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Whoever_asks_for_ANY_asks_for_each_type(AnswerForm form)
    {
        using TestEnd end = new("acl {\n block type TXT\n}");
        end.Upstream
            .On("www.example.org.", DnsRecordType.ANY, new ScriptedAnswer { Form = form }.Answer("www.example.org. 300 IN A 192.0.2.1", "www.example.org. 300 IN TXT \"secret\""))
            .On("open.example.org.", DnsRecordType.ANY, new ScriptedAnswer { Form = form }.Answer("open.example.org. 300 IN A 192.0.2.1"));
        Assert.Equal("block", end.Ask("www.example.org.", type: DnsRecordType.ANY));
        Assert.Equal("allow", end.Ask("open.example.org.", type: DnsRecordType.ANY));
    }

    [Fact]
    public void Candidates_of_search_are_questions_of_the_client()
    {
        using TestEnd end = new("search secret.example\n acl secret.example {\n block net 10.0.0.0/8\n}\n cache");
        end.Upstream.On("web.secret.example.", DnsRecordType.A, new ScriptedAnswer().Answer("web.secret.example. 300 IN A 192.0.2.1"));
        Assert.Equal("allow", end.Ask("web.", "192.0.2.9"));
        Assert.Equal("block", end.Ask("web.", "10.0.0.1"));

        using TestEnd asked = new("search secret.example\n acl web {\n block net 10.0.0.0/8\n}\n cache");
        asked.Upstream.On("web.secret.example.", DnsRecordType.A, new ScriptedAnswer().Answer("web.secret.example. 300 IN A 192.0.2.1"));
        Assert.Equal("allow", asked.Ask("web.", "192.0.2.9"));
        Assert.Equal("block", asked.Ask("web.", "10.0.0.1"));
        Assert.Equal(["web.secret.example. A"], asked.Upstream.Asked);
    }

    [Fact]
    public void Names_that_a_question_is_rewritten_to_are_judged_before_the_cache()
    {
        using TestEnd end = new("rewrite name www.public.example www.secret.example\n acl secret.example {\n block net 10.0.0.0/8\n}\n cache");
        end.Upstream.On("www.secret.example.", DnsRecordType.A, new ScriptedAnswer().Answer("www.secret.example. 300 IN A 192.0.2.1"));
        Assert.Equal("allow", end.Ask("www.public.example.", "192.0.2.9"));
        Assert.Equal("block", end.Ask("www.public.example.", "10.0.0.1"));

        using TestEnd asked = new("rewrite name www.public.example www.secret.example\n acl public.example {\n block net 10.0.0.0/8\n}\n cache");
        asked.Upstream.On("www.secret.example.", DnsRecordType.A, new ScriptedAnswer().Answer("www.secret.example. 300 IN A 192.0.2.1"));
        Assert.Equal("allow", asked.Ask("www.public.example.", "192.0.2.9"));
        Assert.Equal("block", asked.Ask("www.public.example.", "10.0.0.1"));
        Assert.Equal("allow", asked.Ask("www.secret.example.", "10.0.0.1"));
    }

    /// <summary>The names of an answer are judged before rules give them other ones, even when the question stays as it is.</summary>
    [Fact]
    public void Rules_that_rename_only_what_is_answered_hide_nothing()
    {
        using TestEnd end = new("rewrite name regex (.*)\\. {1} answer name (.*)\\.secret\\.example\\. {1}.public.example answer value (.*)\\.secret\\.example\\. {1}.public.example\n acl secret.example {\n block net 10.0.0.0/8\n}\n cache");
        end.Upstream.On(
            "alias.public.example.",
            DnsRecordType.A,
            new ScriptedAnswer().Answer("alias.public.example. 300 IN CNAME www.secret.example.", "www.secret.example. 300 IN A 192.0.2.1"));
        Assert.Equal("allow", end.Ask("alias.public.example.", "192.0.2.1"));
        Assert.Equal("block", end.Ask("alias.public.example.", "10.0.0.1"));
        Assert.Equal("allow", end.Ask("alias.public.example.", "192.0.2.1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cache_of_another_block_keeps_nothing_that_the_rules_decided_about(bool deniedFirst)
    {
        var upstream = new ScriptedUpstream();
        await using PluginHarness harness = await TwoBlocksAsync(upstream);
        foreach (bool isDenied in (bool[])[deniedFirst, !deniedFirst, deniedFirst])
        {
            harness.Chain.Client = new IPEndPoint(IPAddress.Parse(isDenied ? "10.0.0.1" : "192.0.2.9"), 40000);
            Reply reply = new(harness.Chain.Ask("out.zone.example.", DnsRecordType.A));
            Assert.Equal(isDenied ? 1 : 2, reply.Answer.Count);
        }

        Assert.Equal(["www.secret.example. A"], upstream.Asked);
    }

    [Fact]
    public async Task A_client_that_waits_for_the_answer_to_another_ones_question_gets_its_own()
    {
        var gate = new TaskCompletionSource();
        var upstream = new ScriptedUpstream { Gate = gate.Task };
        await using PluginHarness harness = await TwoBlocksAsync(upstream);
        harness.Chain.Client = new IPEndPoint(IPAddress.Parse("192.0.2.9"), 40000);
        var denied = new ChainHarness(harness.Chain.Handler) { Client = new IPEndPoint(IPAddress.Parse("10.0.0.1"), 40000) };
        var alsoAllowed = new ChainHarness(harness.Chain.Handler) { Client = new IPEndPoint(IPAddress.Parse("192.0.2.10"), 40000) };
        Task<ReadOnlyMemory<byte>>[] asking = [.. new[] { harness.Chain, denied, alsoAllowed }.Select(c => c.AskAsync("out.zone.example.", DnsRecordType.A).AsTask())];
        Assert.DoesNotContain(asking, a => a.IsCompleted);
        Assert.Equal(2, harness.Metrics.Snapshot().Where(m => m.Name == "minidns_cache_coalesced_total").Sum(m => m.Read()));
        gate.SetResult();
        Assert.Equal([2, 1, 2], (await Task.WhenAll(asking)).Select(m => new Reply(m).Answer.Count));
    }

    [Fact]
    public void What_is_filtered_is_not_made_up_from_something_else()
    {
        using TestEnd end = new("dns64 {\n allow_ipv4\n}\n acl {\n filter type AAAA net 10.0.0.0/8\n}");
        end.Upstream
            .On("www.example.org.", DnsRecordType.AAAA, new ScriptedAnswer().Answer("www.example.org. 300 IN AAAA 2001:db8::1"))
            .On("www.example.org.", DnsRecordType.A, new ScriptedAnswer().Answer("www.example.org. 300 IN A 192.0.2.1"));
        Assert.Equal("filter", end.Ask("www.example.org.", "10.0.0.1", DnsRecordType.AAAA));
        Assert.Equal("allow", end.Ask("www.example.org.", "192.0.2.9", DnsRecordType.AAAA));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nothing_is_allocated(AnswerForm form)
    {
        using TestEnd end = new("acl secret.example {\n block type A TXT net 10.0.0.0/8 192.168.0.0/16\n}\n acl {\n allow net 192.0.2.0/24 2001:db8::/32\n block\n}");
        end.Upstream.TakesNotes = false;
        end.Upstream.On("www.example.org.", DnsRecordType.A, new ScriptedAnswer { Form = form }
            .Answer("www.example.org. 300 IN CNAME web.example.org.", "web.example.org. 300 IN A 192.0.2.1").Additional("ns.example.org. 300 IN A 192.0.2.53"));
        end.Client = "192.0.2.9";
        int length = end.Chain.Begin("www.example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            end.Chain.BeginAgain(length);
            end.Chain.Run();
        });
        end.Chain.BeginAgain(length);
        Assert.Equal(2, new Reply(end.Chain.Query.SendBuffer.AsMemory(0, end.Chain.Run())).Answer.Count);
        end.Client = "203.0.113.1";
        AllocationAssert.None(() =>
        {
            end.Chain.BeginAgain(length);
            end.Chain.Run();
        });
        Assert.Equal(DnsResponseCode.Refused, end.Chain.Query.Response.Code);
    }

    /// <summary>A zone with an alias that leads into a block with rules, each block with a cache.</summary>
    private static async Task<PluginHarness> TwoBlocksAsync(ScriptedUpstream upstream)
    {
        // www.secret.example is an alias's target: a question of the server's own, to a block with rules.
        string zone = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(zone, "@ 300 SOA ns admin 1 2 3 4 5\n@ 300 NS ns\nout 300 CNAME www.secret.example.\n");
        upstream.On("www.secret.example.", DnsRecordType.A, new ScriptedAnswer().Answer("www.secret.example. 300 IN A 192.0.2.1"));
        PluginHarness harness = PluginHarness.Corefile(
            $"zone.example:0 {{\n cache\n file {zone}\n}}\nsecret.example:0 {{\n acl {{\n block net 10.0.0.0/8\n }}\n cache\n scripted\n}}",
            plugins: [new AclPlugin(), new CachePlugin(), new FilePlugin(), upstream]);
        Assert.True(harness.IsAccepted, harness.Errors);
        await harness.StartAsync();
        File.Delete(zone);
        return harness;
    }

    private static string Ask(string rules, string name, string client = "192.0.2.1", DnsRecordType type = DnsRecordType.A)
    {
        using TestEnd end = new(rules);
        end.Upstream.On(name, type, new ScriptedAnswer { Code = DnsResponseCode.NotZone });
        return end.Ask(name, client, type);
    }

    /// <summary>A server of one block that ends in a script.</summary>
    private sealed class TestEnd : IDisposable
    {
        private readonly PluginHarness _harness;

        public TestEnd(string directives)
        {
            _harness = PluginHarness.Stanza(
                directives + "\n scripted",
                plugins: [new Dns64Plugin(), new RewritePlugin(), new SearchPlugin(), new AclPlugin(), new CachePlugin(), new HostsPlugin(), Upstream]);
            Assert.True(_harness.IsAccepted, _harness.Errors);
        }

        public ScriptedUpstream Upstream { get; } = new();

        public ChainHarness Chain => _harness.Chain;

        public string Client
        {
            set => Chain.Client = new IPEndPoint(IPAddress.Parse(value), 40000);
        }

        public double Count(string what) => _harness.Metrics.Snapshot().Where(m => m.Name == $"coredns_acl_{what}_requests_total").Sum(m => m.Read());

        /// <summary>Asks, and names the action that the reply comes from.</summary>
        public string Ask(string name, string client = "192.0.2.1", DnsRecordType type = DnsRecordType.A)
        {
            Client = client;
            ReadOnlyMemory<byte> message = Chain.Ask(name, type, dnssecOk: true);
            if (message.IsEmpty)
            {
                return "drop";
            }

            Reply reply = new(message);
            byte[]? error = reply.Option(EdnsOptionCode.ExtendedError);
            if (error is null)
            {
                // A search passes on the code of a refusal, not its reason.
                return reply.Code == DnsResponseCode.Refused ? "block" : "allow";
            }

            Assert.Empty(reply.Answer);
            Assert.Empty(reply.Additional);
            return (reply.Code, error[1]) switch
            {
                (DnsResponseCode.Refused, 15) => "block",
                (DnsResponseCode.NoError, 17) => "filter",
                _ => $"{reply.Code} {error[1]}",
            };
        }

        public void Dispose() => _harness.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
