using MiniDns.Plugins.Minimal;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Minimal;

public sealed class MinimalPluginTests
{
    private static readonly string[] Servers = ["example.org. 3600 IN NS ns1.example.org.", "example.org. 3600 IN NS ns2.example.org."];
    private static readonly string[] Glue = ["ns1.example.org. 3600 IN A 192.0.2.53", "ns2.example.org. 3600 IN AAAA 2001:db8::53"];

    public static TheoryData<AnswerForm> Forms => [.. Enum.GetValues<AnswerForm>()];

    [Theory]
    [InlineData("minimal", true)]
    [InlineData("minimal example.org", false)]
    [InlineData("minimal {\n x\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new MinimalPlugin(), lines).Errors.Count == 0);

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_positive_answer_keeps_its_answer_section_alone(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }
            .Answer("example.org. 300 IN CNAME www.example.org.", "www.example.org. 300 IN A 192.0.2.1")
            .Authority(Servers)
            .Additional(Glue);
        Reply reply = Ask(script);
        uint ttl = form == AnswerForm.Image ? 299u : 300u;
        Assert.Equal([$"example.org. {ttl} IN CNAME {reply.Answer[0].Split(' ')[^1]}", $"www.example.org. {ttl} IN A 192.0.2.1"], reply.Answer);
        Assert.Empty(reply.Authority);
        Assert.Empty(reply.Additional);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Records_beside_an_empty_answer_that_mean_nothing_are_dropped(AnswerForm form)
    {
        Reply reply = Ask(new ScriptedAnswer { Form = form }.Additional(Glue));
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.Empty(reply.Additional);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_referral_stays_whole(AnswerForm form)
    {
        Reply reply = Ask(new ScriptedAnswer { Form = form }.Authority(Servers).Additional(Glue));
        Assert.Equal(2, reply.Authority.Count);
        Assert.Equal(2, reply.Additional.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc2308_2_2_a_denial_keeps_its_SOA(AnswerForm form)
    {
        const string Soa = "example.org. 60 IN SOA ns1.example.org. admin.example.org. 1 2 3 4 60";
        Assert.Single(Ask(new ScriptedAnswer { Form = form }.Authority(Soa)).Authority);
        Assert.Single(Ask(new ScriptedAnswer { Form = form, Code = DnsResponseCode.NameError }.Authority(Soa)).Authority);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_error_stays_whole(AnswerForm form)
    {
        Reply reply = Ask(new ScriptedAnswer { Form = form, Code = DnsResponseCode.ServerFailure }
            .Answer("example.org. 300 IN A 192.0.2.1").Authority(Servers).Additional(Glue));
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Equal((1, 2, 2), (reply.Answer.Count, reply.Authority.Count, reply.Additional.Count));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Rfc4035_3_1_3_3_the_proof_of_a_wildcard_answer_stays_for_clients_that_want_DNSSEC(AnswerForm form)
    {
        const string Signature = "8 2 300 20300101000000 20200101000000 1 example.org. AAAA";
        ScriptedAnswer script = new ScriptedAnswer { Form = form }
            .Answer("a.example.org. 300 IN A 192.0.2.1", "a.example.org. 300 IN RRSIG A " + Signature)
            .Authority(Servers)
            .Authority("example.org. 3600 IN RRSIG NS " + Signature)
            .Authority("b.example.org. 300 IN NSEC d.example.org. A RRSIG NSEC")
            .Authority("b.example.org. 300 IN RRSIG NSEC " + Signature)
            .Additional(Glue)
            .Prepare("a.example.org.", DnsRecordType.A);
        ChainHarness harness = SnippetSetup.Run(new MinimalPlugin(), "minimal").Harness(script);
        Reply reply = new(harness.Ask("a.example.org.", DnsRecordType.A, dnssecOk: true));
        Assert.Equal(2, reply.Answer.Count);
        Assert.Equal(["NSEC", "RRSIG"], reply.Authority.Select(r => r.Split(' ')[3]));
        Assert.Empty(reply.Additional);

        Assert.Empty(new Reply(harness.Ask("a.example.org.", DnsRecordType.A)).Authority);
    }

    [Fact]
    public void A_shared_image_is_not_changed()
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = AnswerForm.Image }.Answer("example.org. 300 IN A 192.0.2.1").Authority(Servers);
        Ask(script);
        script.Form = AnswerForm.Image;
        Reply whole = new(new ChainHarness(script).Ask("example.org.", DnsRecordType.A));
        Assert.Equal(2, whole.Authority.Count);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nothing_is_allocated(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }.Answer("example.org. 300 IN A 192.0.2.1").Authority(Servers).Additional(Glue).Prepare("example.org.", DnsRecordType.A);
        ChainHarness harness = SnippetSetup.Run(new MinimalPlugin(), "minimal").Harness(script);
        int length = harness.Begin("example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.BeginAgain(length);
            harness.Run();
        });
    }

    private static Reply Ask(ScriptedAnswer script)
    {
        script.Prepare("example.org.", DnsRecordType.A);
        return new Reply(SnippetSetup.Run(new MinimalPlugin(), "minimal").Harness(script).Ask("example.org.", DnsRecordType.A));
    }
}
