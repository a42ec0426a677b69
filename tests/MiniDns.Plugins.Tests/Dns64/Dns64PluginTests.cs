using System.Buffers.Binary;
using System.Net;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Dns64;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Dns64;

public sealed class Dns64PluginTests
{
    private const string Name = "www.example.org.";
    private const string Soa = "example.org. 70 IN SOA ns.example.org. admin.example.org. 1 2 3 4 70";
    private const string Signature = "8 3 300 20300101000000 20200101000000 1 example.org. AAAA";

    public static TheoryData<AnswerForm> Forms => [.. Enum.GetValues<AnswerForm>()];

    [Theory]
    [InlineData("dns64", true)]
    [InlineData("dns64 64:dead::/96", true)]
    [InlineData("dns64 {\n translate_all\n}", true)]
    [InlineData("dns64 {\n prefix 64:ff9b::/32\n allow_ipv4\n}", true)]
    [InlineData("dns64 2001:db8::/96 {\n translate_all\n}", true)]
    [InlineData("dns64 {\n prefix 2002:c0a8:a88a::/48\n}", true)]
    [InlineData("dns64 {\n prefix 64:ff9b::/52\n}", false)]
    [InlineData("dns64 {\n prefix 64:ff9b::/104\n}", false)]
    [InlineData("dns64 {\n prefix 8.8.8.8/24\n}", false)]
    [InlineData("dns64 {\n prefix\n}", false)]
    [InlineData("dns64 foobar", false)]
    [InlineData("dns64 64:ff9b::/96 64:ff9b::/96", false)]
    [InlineData("dns64 {\n foobar\n}", false)]
    [InlineData("dns64 {\n allow_ipv4 yes\n}", false)]
    [InlineData("dns64\n dns64", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new Dns64Plugin(), lines).Errors.Count == 0);

    [Fact]
    public void All_that_is_wrong_is_said_at_once_with_its_place()
    {
        SnippetSetup setup = SnippetSetup.Run(new Dns64Plugin(), "dns64 1.2.3.4 {\n prefix 64::/95\n translate_al\n}");
        Assert.Equal(
            [
                "Corefile:2:7: dns64: '1.2.3.4' is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, such as 64:ff9b::/96",
                "Corefile:3:9: dns64: prefix: '64::/95' is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, such as 64:ff9b::/96",
                "Corefile:4:2: dns64: unknown property 'translate_al'; did you mean 'translate_all'?",
            ],
            setup.Errors);
        Assert.Single(SnippetSetup.Run(new Dns64Plugin(), "dns64 64::/72").Warnings);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc6147_5_1_7_the_TTL_is_the_shorter_of_the_address_and_the_denial(AnswerForm form)
    {
        uint second = form == AnswerForm.Image ? 1u : 0;        // images in these tests are a second old
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = form }.Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Form = form, Flags = DnsResponseFlags.AuthenticData }.Answer(Name + " 60 IN A 192.0.2.42")));
        Assert.Equal([$"{Name} {60 - second} IN AAAA 64:ff9b::c000:22a"], asking.Reply.Answer);
        Assert.False(asking.Reply.Header.AuthenticData);
        Assert.Equal(1, asking.Translated);

        asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = form }.Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Form = form }.Answer(Name + " 5000 IN A 192.0.2.42", Name + " 5000 IN A 192.0.2.43")));
        Assert.Equal([$"{Name} {70 - second} IN AAAA 64:ff9b::c000:22a", $"{Name} {70 - second} IN AAAA 64:ff9b::c000:22b"], asking.Reply.Answer);
    }

    [Theory]
    [InlineData(DnsResponseCode.ServerFailure)]
    [InlineData(DnsResponseCode.Refused)]
    [InlineData(DnsResponseCode.NotImplemented)]
    public void Rfc6147_5_1_2_another_error_is_like_an_empty_answer(DnsResponseCode code)
    {
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Code = code })
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 5000 IN A 192.0.2.42")));
        Assert.Equal(DnsResponseCode.NoError, asking.Reply.Code);
        Assert.Equal([Name + " 600 IN AAAA 64:ff9b::c000:22a"], asking.Reply.Answer);
    }

    [Fact]
    public void Rfc6147_5_1_2_a_name_that_does_not_exist_is_not_asked_for_again()
    {
        Asking asking = Ask("dns64", new ScriptedUpstream().On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Code = DnsResponseCode.NameError }.Authority(Soa)));
        Assert.Equal(DnsResponseCode.NameError, asking.Reply.Code);
        Assert.Single(asking.Reply.Authority);
        Assert.Equal([Name + " AAAA"], asking.Asked);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc6147_5_1_1_IPv6_addresses_are_the_answer(AnswerForm form)
    {
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = form }.Answer(Name + " 61 IN AAAA 2001:db8::1"))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.1")));
        Assert.EndsWith("AAAA 2001:db8::1", Assert.Single(asking.Reply.Answer), StringComparison.Ordinal);
        Assert.Equal([Name + " AAAA"], asking.Asked);
        Assert.Equal(0, asking.Translated);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc6147_5_1_4_mapped_addresses_count_as_none(AnswerForm form)
    {
        ScriptedAnswer both = new ScriptedAnswer { Form = form }.Answer(Name + " 61 IN AAAA ::ffff:192.0.2.9", Name + " 61 IN AAAA 2001:db8::1");
        Assert.EndsWith("AAAA 2001:db8::1", Assert.Single(Ask("dns64", new ScriptedUpstream().On(Name, DnsRecordType.AAAA, both)).Reply.Answer), StringComparison.Ordinal);

        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = form }.Answer(Name + " 61 IN AAAA ::ffff:192.0.2.9"))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.1")));
        Assert.Equal([Name + " 60 IN AAAA 64:ff9b::c000:201"], asking.Reply.Answer);
    }

    [Fact]
    public void Rfc6147_5_1_5_aliases_stay()
    {
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Answer(Name + " 900 IN CNAME host.example.net.").Authority("example.net. 300 IN SOA ns.example.net. a.example.net. 1 2 3 4 5"))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 900 IN CNAME host.example.net.", "host.example.net. 800 IN A 192.0.2.1").Additional("ns.example.net. 5 IN A 192.0.2.53")));
        Assert.Equal([Name + " 900 IN CNAME host.example.net.", "host.example.net. 300 IN AAAA 64:ff9b::c000:201"], asking.Reply.Answer);
        Assert.Equal(["ns.example.net. 5 IN A 192.0.2.53"], asking.Reply.Additional);      // section 5.3.2
    }

    [Theory]
    [InlineData(DnsResponseCode.NoError)]
    [InlineData(DnsResponseCode.ServerFailure)]
    public void Rfc6147_5_1_6_an_empty_answer_or_an_error_is_passed_on(DnsResponseCode code)
    {
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Code = code }.Authority(Soa)));
        Assert.Equal(code, asking.Reply.Code);
        Assert.Empty(asking.Reply.Answer);
        Assert.Single(asking.Reply.Authority);
        Assert.Equal(0, asking.Translated);
    }

    [Fact]
    public void A_cut_answer_is_marked_as_cut()
    {
        Asking asking = Ask("dns64", new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Flags = DnsResponseFlags.Truncated }.Answer(Name + " 60 IN A 192.0.2.42")));
        Assert.True(asking.Reply.Header.IsTruncated);
        Assert.Single(asking.Reply.Answer);

        asking = Ask("dns64", new ScriptedUpstream().On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Flags = DnsResponseFlags.Truncated }));
        Assert.True(asking.Reply.Header.IsTruncated);
        Assert.Single(asking.Asked);
    }

    [Fact]
    public void Rfc6147_3_signatures_of_what_was_changed_are_left_out()
    {
        ScriptedUpstream upstream = new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.42", Name + " 60 IN RRSIG A " + Signature));
        Assert.Equal([Name + " 60 IN AAAA 64:ff9b::c000:22a"], Ask("dns64", upstream, dnssecOk: true).Reply.Answer);
    }

    [Fact]
    public async Task Rfc6147_3_a_client_that_validates_gets_the_unchanged_answer()
    {
        ScriptedUpstream upstream = new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.42"));
        await using PluginHarness harness = Harness("dns64", upstream);
        ChainHarness chain = harness.Chain;
        int length = chain.Begin(Name, DnsRecordType.AAAA, dnssecOk: true);
        BinaryPrimitives.WriteUInt16BigEndian(chain.Query.ReceiveBuffer.AsSpan(2), DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag);
        chain.BeginAgain(length);
        Reply reply = new(chain.Query.SendBuffer.AsMemory(0, chain.Run()));
        Assert.Empty(reply.Answer);
        Assert.Equal([Name + " AAAA"], upstream.Asked);
    }

    [Theory]
    [InlineData("dns64", "192.0.2.1", DnsRecordType.AAAA, false)]
    [InlineData("dns64 {\n allow_ipv4\n}", "192.0.2.1", DnsRecordType.AAAA, true)]
    [InlineData("dns64", "::ffff:192.0.2.1", DnsRecordType.AAAA, false)]
    [InlineData("dns64", "2001:db8::1", DnsRecordType.AAAA, true)]
    [InlineData("dns64", "2001:db8::1", DnsRecordType.A, false)]
    [InlineData("dns64", "2001:db8::1", DnsRecordType.TXT, false)]
    public async Task Clients_and_types_that_are_translated(string directive, string client, DnsRecordType type, bool isTranslated)
    {
        ScriptedUpstream upstream = new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.42"));
        await using PluginHarness harness = Harness(directive, upstream);
        harness.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4000);
        Reply reply = new(harness.Chain.Ask(Name, type));
        Assert.Equal(isTranslated, reply.Answer.Any(r => r.Contains("AAAA", StringComparison.Ordinal)));
    }

    [Fact]
    public void With_translate_all_IPv4_addresses_take_the_place_of_IPv6_addresses()
    {
        ScriptedUpstream upstream = new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Answer(Name + " 61 IN AAAA 2001:db8::1"))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Answer(Name + " 60 IN A 192.0.2.42"));
        Assert.Equal([Name + " 60 IN AAAA 64:ff9b::c000:22a"], Ask("dns64 {\n translate_all\n}", upstream).Reply.Answer);

        upstream = new ScriptedUpstream()
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer().Answer(Name + " 61 IN AAAA 2001:db8::1"))
            .On(Name, DnsRecordType.A, new ScriptedAnswer().Authority(Soa));
        Assert.Equal([Name + " 61 IN AAAA 2001:db8::1"], Ask("dns64 {\n translate_all\n}", upstream).Reply.Answer);
    }

    [Fact]
    public void A_plugin_that_knows_no_such_name_is_believed()
    {
        Asking asking = Ask("dns64", new ScriptedUpstream().On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Code = DnsResponseCode.ServerFailure, Flags = DnsResponseFlags.NoSuchName }));
        Assert.Equal([Name + " AAAA"], asking.Asked);
    }

    [Theory]
    [InlineData(DnsResponseCode.NoError)]
    [InlineData(DnsResponseCode.NameError)]
    [InlineData(DnsResponseCode.Refused)]
    public void Rfc6147_5_3_1_the_name_of_a_made_up_address_is_that_of_the_IPv4_address(DnsResponseCode code)
    {
        const string Reverse = "1.0.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.";
        const string Target = "1.2.0.192.in-addr.arpa.";
        Asking asking = Ask(
            "dns64",
            new ScriptedUpstream().On(Reverse, DnsRecordType.PTR, new ScriptedAnswer { Code = code }).On(Target, DnsRecordType.PTR, new ScriptedAnswer().Answer(Target + " 300 IN PTR " + Name)),
            Reverse,
            DnsRecordType.PTR);
        Assert.Equal([$"{Reverse} 300 IN CNAME {Target}", $"{Target} 300 IN PTR {Name}"], asking.Reply.Answer);
        Assert.Equal(DnsResponseCode.NoError, asking.Reply.Code);

        ScriptedUpstream own = new ScriptedUpstream().On(Reverse, DnsRecordType.PTR, new ScriptedAnswer().Answer(Reverse + " 60 IN PTR own.example.org."));
        Assert.Equal([Reverse + " 60 IN PTR own.example.org."], Ask("dns64", own, Reverse, DnsRecordType.PTR).Reply.Answer);
    }

    [Fact]
    public async Task Answers_that_come_later_are_translated_too()
    {
        ScriptedUpstream upstream = new ScriptedUpstream { IsSlow = true }
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = AnswerForm.Wire }.Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Form = AnswerForm.Wire }.Answer(Name + " 60 IN A 192.0.2.42"));
        await using PluginHarness harness = Harness("dns64\n cache", upstream);
        for (int i = 0; i < 2; i++)
        {
            Reply reply = new(await harness.Chain.AskAsync(Name, DnsRecordType.AAAA));
            Assert.Equal([Name + " 60 IN AAAA 64:ff9b::c000:22a"], reply.Answer);
        }

        Assert.Equal(2, upstream.Asked.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Nothing_is_allocated(AnswerForm form)
    {
        ScriptedUpstream upstream = new ScriptedUpstream { TakesNotes = false }
            .On(Name, DnsRecordType.AAAA, new ScriptedAnswer { Form = form }.Authority(Soa))
            .On(Name, DnsRecordType.A, new ScriptedAnswer { Form = form }.Answer(Name + " 60 IN A 192.0.2.42", Name + " 60 IN A 192.0.2.43"));
        await using PluginHarness harness = Harness("dns64", upstream);
        int length = harness.Chain.Begin(Name, DnsRecordType.AAAA);
        AllocationAssert.None(() =>
        {
            harness.Chain.BeginAgain(length);
            harness.Chain.Run();
        });
        Assert.Equal(2, new Reply(harness.Chain.Query.SendBuffer.AsMemory(0, harness.Chain.Run())).Answer.Count);
    }

    private static PluginHarness Harness(string directives, ScriptedUpstream upstream)
    {
        PluginHarness harness = PluginHarness.Stanza(directives + "\n scripted", plugins: [new Dns64Plugin(), new CachePlugin(), upstream]);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.Chain.Client = new IPEndPoint(IPAddress.Parse("2001:db8::53"), 4000);
        return harness;
    }

    private static Asking Ask(string directives, ScriptedUpstream upstream, string name = Name, DnsRecordType type = DnsRecordType.AAAA, bool dnssecOk = false)
    {
        PluginHarness harness = Harness(directives, upstream);
        Reply reply = new(harness.Chain.Ask(name, type, dnssecOk));
        double translated = harness.Metrics.Snapshot().Single(m => m.Name == "coredns_dns64_requests_translated_total").Read();
        return new Asking(reply, [.. upstream.Asked], translated);
    }

    private sealed record Asking(Reply Reply, IReadOnlyList<string> Asked, double Translated);
}
