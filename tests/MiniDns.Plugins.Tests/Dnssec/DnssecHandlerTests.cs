using MiniDns.Plugins.Dnssec;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Dnssec;

/// <summary>What replies look like; that validators believe them is for other tests.</summary>
public sealed class DnssecHandlerTests : IDisposable
{
    private const string Soa = "example.org. 300 IN SOA ns1.example.org. admin.example.org. 1 7200 3600 1209600 60";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("minidns-dnssec-");

    public static TheoryData<AnswerForm> Forms => [.. Enum.GetValues<AnswerForm>()];

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_RRset_of_the_zones_is_signed(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }
            .Answer("www.example.org. 300 IN CNAME web.example.org.", "web.example.org. 300 IN A 192.0.2.1", "web.example.org. 300 IN A 192.0.2.2")
            .Authority("example.org. 300 IN NS ns1.example.org.")
            .Additional("ns1.example.org. 300 IN A 192.0.2.53", "ns1.example.net. 300 IN A 192.0.2.54");
        Reply reply = Ask(script, "www.example.org.", DnsRecordType.A);
        uint ttl = form == AnswerForm.Image ? 299u : 300u;
        Assert.Equal([$"www.example.org. {ttl} CNAME 3 example.org.", $"web.example.org. {ttl} A 3 example.org."], Signatures(reply.Answer));
        Assert.Equal([$"example.org. {ttl} NS 2 example.org."], Signatures(reply.Authority));
        Assert.Equal([$"ns1.example.org. {ttl} A 3 example.org."], Signatures(reply.Additional));
    }

    [Fact]
    public void An_alias_that_leaves_the_zone_is_signed_and_its_target_is_not() =>
        Assert.Equal(["www.example.org. 300 CNAME 3 example.org."], Signatures(Ask(
            new ScriptedAnswer().Answer("www.example.org. 300 IN CNAME web.example.net.", "web.example.net. 300 IN A 192.0.2.1"), "www.example.org.", DnsRecordType.A).Answer));

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_is_signed_already_is_left_alone(AnswerForm form)
    {
        const string Signature = "13 3 300 20300101000000 20200101000000 1 example.org. AAAA";
        Reply reply = Ask(
            new ScriptedAnswer { Form = form }.Answer(
                "www.example.org. 300 IN CNAME web.example.org.", "web.example.org. 300 IN A 192.0.2.1", "web.example.org. 300 IN RRSIG A " + Signature),
            "www.example.org.",
            DnsRecordType.A);
        Assert.Equal(2, Signatures(reply.Answer).Count);
        reply = Ask(
            new ScriptedAnswer { Form = form, Code = DnsResponseCode.NameError }.Authority(
                Soa, "example.org. 300 IN RRSIG SOA " + Signature, "example.org. 300 IN NSEC a.example.org. A", "example.org. 300 IN RRSIG NSEC " + Signature),
            "b.example.org.",
            DnsRecordType.A);
        Assert.Equal((DnsResponseCode.NameError, 4), (reply.Code, reply.Authority.Count));
    }

    [Theory]
    [InlineData(DnsResponseCode.NoError, "web.example.org.", DnsRecordType.AAAA, @"\000.web.example.org. A PTR HINFO MX TXT RP LOC SRV NAPTR CERT DNAME SSHFP RRSIG NSEC TLSA SMIMEA HIP OPENPGPKEY SVCB HTTPS SPF URI CAA")]
    [InlineData(DnsResponseCode.NameError, "web.example.org.", DnsRecordType.TXT, @"\000.web.example.org. A PTR HINFO MX RP AAAA LOC SRV NAPTR CERT DNAME SSHFP RRSIG NSEC TLSA SMIMEA HIP OPENPGPKEY SVCB HTTPS SPF URI CAA")]
    [InlineData(DnsResponseCode.NoError, "web.example.org.", DnsRecordType.RRSIG, @"\000.web.example.org. A PTR HINFO MX TXT RP AAAA LOC SRV NAPTR CERT DNAME SSHFP RRSIG NSEC TLSA SMIMEA HIP OPENPGPKEY SVCB HTTPS SPF URI CAA")]
    [InlineData(DnsResponseCode.NoError, "example.org.", DnsRecordType.DS, @"\000.example.org. A NS SOA PTR HINFO MX TXT RP AAAA LOC SRV NAPTR CERT DNAME SSHFP RRSIG NSEC DNSKEY TLSA SMIMEA HIP CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS SPF URI CAA")]
    public void A_denial_becomes_a_name_without_the_type(DnsResponseCode code, string name, DnsRecordType type, string nsec)
    {
        Reply reply = Ask(new ScriptedAnswer { Code = code }.Authority(Soa), name, type);
        Assert.Equal((DnsResponseCode.NoError, 4), (reply.Code, reply.Authority.Count));
        Assert.Equal(["example.org. 300 SOA 2 example.org.", $"{name} 60 NSEC {(name == "example.org." ? 2 : 3)} example.org."], Signatures(reply.Authority));
        Assert.Equal([$"{name} 60 {nsec}"], Records(reply.Authority, DnsRecordType.NSEC));
    }

    [Fact]
    public void A_denial_at_the_end_of_a_chain_is_that_of_its_last_name()
    {
        Reply reply = Ask(
            new ScriptedAnswer { Code = DnsResponseCode.NameError }.Answer("www.example.org. 300 IN CNAME Gone.example.org.").Authority(Soa), "www.example.org.", DnsRecordType.A);
        Assert.Equal(["www.example.org. 300 CNAME 3 example.org."], Signatures(reply.Answer));
        Assert.StartsWith(@"gone.example.org. 60 \000.gone.example.org. PTR ", Assert.Single(Records(reply.Authority, DnsRecordType.NSEC)), StringComparison.OrdinalIgnoreCase);

        // A denial by somebody else's SOA record is not for us to prove.
        reply = Ask(
            new ScriptedAnswer { Code = DnsResponseCode.NameError }.Answer("www.example.org. 300 IN CNAME gone.example.net.").Authority(Soa.Replace("example.org. 3", "example.net. 3", StringComparison.Ordinal)),
            "www.example.org.",
            DnsRecordType.A);
        Assert.Equal((DnsResponseCode.NameError, 1), (reply.Code, reply.Authority.Count));
        Assert.Single(Signatures(reply.Answer));
    }

    [Fact]
    public void A_question_for_NSEC_is_answered_with_the_denial()
    {
        Reply reply = Ask(new ScriptedAnswer().Authority(Soa), "web.example.org.", DnsRecordType.NSEC);
        Assert.Empty(reply.Authority);
        Assert.Equal(2, reply.Answer.Count);
        Assert.Contains(" RRSIG NSEC ", Assert.Single(Records(reply.Answer, DnsRecordType.NSEC)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_referral_has_its_DS_records_signed_or_denied_at_the_cut()
    {
        string[] servers = ["sub.example.org. 300 IN NS ns.sub.example.org."];
        string[] glue = ["ns.sub.example.org. 300 IN A 192.0.2.53"];
        Reply reply = Ask(new ScriptedAnswer().Authority([.. servers, "sub.example.org. 100 IN DS 1 13 2 ABCD"]).Additional(glue), "www.sub.example.org.", DnsRecordType.A);
        Assert.Equal(["sub.example.org. 100 DS 3 example.org."], Signatures(reply.Authority));
        Assert.Equal((3, 1), (reply.Authority.Count, reply.Additional.Count));

        reply = Ask(new ScriptedAnswer().Authority(servers).Additional(glue), "www.sub.example.org.", DnsRecordType.A);
        Assert.Equal(["sub.example.org. 300 NSEC 3 example.org."], Signatures(reply.Authority));
        Assert.Equal([@"sub.example.org. 300 sub\000.example.org. NS RRSIG NSEC"], Records(reply.Authority, DnsRecordType.NSEC));
        Assert.Equal((3, 1), (reply.Authority.Count, reply.Additional.Count));
    }

    [Theory]
    [InlineData("www.example.org.", DnsRecordType.A, false, DnsResponseCode.NoError, DnsResponseFlags.None)]
    [InlineData("www.example.net.", DnsRecordType.A, true, DnsResponseCode.NoError, DnsResponseFlags.None)]
    [InlineData("www.example.org.", DnsRecordType.AXFR, true, DnsResponseCode.NoError, DnsResponseFlags.None)]
    [InlineData("www.example.org.", DnsRecordType.A, true, DnsResponseCode.ServerFailure, DnsResponseFlags.None)]
    [InlineData("www.example.org.", DnsRecordType.A, true, DnsResponseCode.Refused, DnsResponseFlags.None)]
    [InlineData("www.example.org.", DnsRecordType.A, true, DnsResponseCode.NoError, DnsResponseFlags.Truncated)]
    public void Other_replies_are_as_they_were(string name, DnsRecordType type, bool wants, DnsResponseCode code, DnsResponseFlags flags)
    {
        ScriptedAnswer script = new ScriptedAnswer { Code = code, Flags = flags }.Answer("www.example.org. 300 IN A 192.0.2.1").Authority(Soa);
        Reply reply = new(Chain(script).Ask(name, type, wants, DnsTransport.Tcp));
        Assert.Equal((1, 1, code), (reply.Answer.Count, reply.Authority.Count, reply.Code));
    }

    [Fact]
    public void With_keys_of_both_kinds_each_signs_its_part()
    {
        ScriptedAnswer script = new ScriptedAnswer().Answer("www.example.org. 300 IN A 192.0.2.1");
        string[] keys = [TestKeys.Write(_directory.FullName, "example.org", 257), TestKeys.Write(_directory.FullName, "example.org", 256), TestKeys.Write(_directory.FullName, "example.org", 256, 14)];
        ChainHarness chain = Chain(script, keys);
        Reply apex = new(chain.Ask("example.org.", DnsRecordType.DNSKEY, dnssecOk: true, DnsTransport.Tcp));
        Assert.Equal(3, Records(apex.Answer, DnsRecordType.DNSKEY).Count);
        Assert.Single(Signatures(apex.Answer));
        Assert.Equal(2, Signatures(new Reply(chain.Ask("www.example.org.", DnsRecordType.A, dnssecOk: true)).Answer).Count);

        // Keys of one kind sign everything.
        chain = Chain(script, keys[1..]);
        apex = new(chain.Ask("example.org.", DnsRecordType.DNSKEY, dnssecOk: true, DnsTransport.Tcp));
        Assert.Equal(2, Signatures(apex.Answer).Count);
        Assert.True(apex.Header.IsAuthoritative);
        Assert.Empty(Signatures(new Reply(chain.Ask("example.org.", DnsRecordType.DNSKEY, dnssecOk: false, DnsTransport.Tcp)).Answer));
        Assert.Single(new Reply(chain.Ask("www.example.org.", DnsRecordType.DNSKEY)).Answer);      // not at the apex: whatever the others say
    }

    [Fact]
    public void Rfc4035_2_2_DS_records_belong_to_the_zone_above()
    {
        ScriptedAnswer script = new ScriptedAnswer().Answer("sub.example.org. 300 IN DS 1 13 2 ABCD");
        Assert.Equal(["sub.example.org. 300 DS 3 example.org."], Signatures(Ask(script, "sub.example.org.", DnsRecordType.DS, "example.org sub.example.org").Answer));
        Assert.Empty(Signatures(Ask(script, "sub.example.org.", DnsRecordType.DS, "sub.example.org").Answer));
    }

    [Theory]
    [InlineData(AnswerForm.RRsets)]
    [InlineData(AnswerForm.Records)]
    [InlineData(AnswerForm.Wire)]
    public void Signatures_that_are_there_cost_no_memory(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form, Code = DnsResponseCode.NameError }.Answer("www.example.org. 300 IN CNAME gone.example.org.").Authority(Soa);
        ChainHarness chain = Chain(script.Prepare("www.example.org.", DnsRecordType.A));
        int length = chain.Begin("www.example.org.", DnsRecordType.A, dnssecOk: true);
        chain.Run();
        Assert.Equal(6, chain.Query.Response.Entries.Length);      // CNAME, SOA, NSEC, a signature of each
        AllocationAssert.None(() =>
        {
            chain.BeginAgain(length);
            chain.Run();
        });
    }

    private Reply Ask(ScriptedAnswer script, string name, DnsRecordType type, string zones = "example.org") =>
        new(Chain(script.Prepare(name, type), zones: zones).Ask(name, type, dnssecOk: true, DnsTransport.Tcp));

    private ChainHarness Chain(ScriptedAnswer script, IReadOnlyList<string>? keys = null, string zones = "example.org")
    {
        keys ??= [TestKeys.Write(_directory.FullName, "example.org")];
        SnippetSetup setup = SnippetSetup.Run(new DnssecPlugin(), $"dnssec {zones} {{\n key file {string.Join(' ', keys)}\n}}");
        Assert.Empty(setup.Errors);
        return setup.Wire().Harness(script);
    }

    /// <summary>The signatures of a section: owner, TTL, type covered, labels, signer.</summary>
    private static List<string> Signatures(List<string> section) => [.. Records(section, DnsRecordType.RRSIG).Select(s =>
    {
        string[] words = s.Split(' ');
        return $"{words[0]} {words[1]} {words[2]} {words[4]} {words[9]}";
    })];

    /// <summary>The records of a type: owner, TTL, data.</summary>
    private static List<string> Records(List<string> section, DnsRecordType type) => [.. section.Select(r => r.Split(' ')).Where(w => w[3] == $"{type}")
        .Select(w => $"{w[0]} {w[1]} {RdataText.Format(type, Convert.FromHexString(w[4]))}")];
}
