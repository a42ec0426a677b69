using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rewrite;

/// <summary>What the chain is asked, and what the client gets.</summary>
public sealed class RewriteHandlerTests
{
    [Theory]
    [InlineData("name from.nl. to.nl", "FROM.nl.", "to.nl. A IN")]
    [InlineData("name from.nl. to.nl", "a.from.nl.", "a.from.nl. A IN")]
    [InlineData("name prefix foo bar", "foo.example.com.", "bar.example.com. A IN")]
    [InlineData("name prefix foo bar", "foox.example.com.", "foox.example.com. A IN")]
    [InlineData("name suffix com org", "foo.example.com.", "foo.example.org. A IN")]
    [InlineData("name suffix .in.coredns.rocks nginx.coredns.rocks", "a.in.coredns.rocks.", "anginx.coredns.rocks. A IN")]
    [InlineData("name substring a.b x", "a.b.a.b.", "x.x. A IN")]
    [InlineData("name regex (f.*m)\\.regex\\.(nl) to.{2}", "from.regex.nl.", "to.nl. A IN")]
    [InlineData("name regex (.*)-(us-west-1)\\.example\\.org {1}.service.{2}.consul", "ftp-us-west-1.example.org.", "ftp.service.us-west-1.consul. A IN")]
    [InlineData("name regex ^(a)?b.*c x{1}.{0}", "b.c.", "x.b.c. A IN")]
    [InlineData("continue name a. b.\nrewrite name b. c.\nrewrite name b. d.", "a.", "c. A IN")]
    [InlineData("name a. b.\nrewrite name b. c.", "a.", "b. A IN")]
    [InlineData("continue type A AAAA\nrewrite class IN CH", "a.", "a. AAAA CH")]
    [InlineData("type ANY HINFO", "a.", "a. A IN")]
    [InlineData("name regex .* a\\.b.", "x.", "a\\.b. A IN")]
    public void The_chain_is_asked_what_the_rules_say(string rules, string name, string expected)
    {
        string asked = string.Empty;
        ChainHarness harness = Harness(rules, new FuncHandler(q =>
        {
            asked = $"{q.LowerName.ToString()} {q.Type} {q.Class}";
            return q.Reply(DnsResponseCode.NoError);
        }));
        Reply reply = new(harness.Ask(name, DnsRecordType.A));
        Assert.Equal(expected, asked);
        Assert.Equal(DnsResponseCode.NoError, reply.Code);

        // Whoever stands before this plugin finds the question as it was.
        Assert.Equal(name.ToLowerInvariant(), harness.Query.LowerName.ToString());
        Assert.Equal((DnsRecordType.A, DnsRecordClass.IN), (harness.Query.Type, harness.Query.Class));
    }

    [Theory]
    [InlineData("name suffix com .", "a.com.")]                 // "a." + "." is no name
    [InlineData("name regex (.*) {1}{1}{1}{1}{1}{1}{1}{1}{1}{1}", "a-label-of-some-length.a-label-of-some-length.")]
    [InlineData("continue name a. b.\nrewrite name regex b x..y", "a.")]
    public void What_is_no_name_is_answered_SERVFAIL(string rules, string name)
    {
        FuncHandler next = new(q => q.Reply(DnsResponseCode.NoError));
        ChainHarness harness = Harness(rules, next);
        Reply reply = new(harness.Ask(name, DnsRecordType.A));
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Equal(0, next.Calls);
        Assert.Equal(name, harness.Query.LowerName.ToString());
        Assert.NotNull(harness.Query.Failure);
    }

    [Theory]
    [InlineData("name exact my.uk. my.local.", "my.uk. 60 IN SRV 0 1 2 s.my.uk.", "s.my.uk. 60 IN A 192.0.2.1")]
    [InlineData("name suffix .uk .local answer auto", "my.uk. 60 IN SRV 0 1 2 s.my.uk.", "s.my.uk. 60 IN A 192.0.2.1")]
    [InlineData("name suffix .uk .local", "my.local. 60 IN SRV 0 1 2 s.my.local.", "s.my.local. 60 IN A 192.0.2.1")]
    [InlineData("name regex (.*)\\.uk {1}.local answer name (.*)\\.local {1}.uk", "my.uk. 60 IN SRV 0 1 2 s.my.local.", "s.my.uk. 60 IN A 192.0.2.1")]
    [InlineData("name regex (.*)\\.uk {1}.local answer value (.*)\\.local {1}.uk", "my.local. 60 IN SRV 0 1 2 s.my.uk.", "s.my.local. 60 IN A 192.0.2.1")]
    [InlineData("continue name suffix .uk .us answer auto\nrewrite name suffix .us .local answer auto", "my.uk. 60 IN SRV 0 1 2 s.my.uk.", "s.my.uk. 60 IN A 192.0.2.1")]
    [InlineData("continue ttl suffix uk 5\nrewrite name my.uk my.local", "my.uk. 5 IN SRV 0 1 2 s.my.uk.", "s.my.uk. 5 IN A 192.0.2.1")]
    [InlineData("continue ttl other. 5\nrewrite ttl prefix my 61-", "my.local. 61 IN SRV 0 1 2 s.my.local.", "s.my.local. 61 IN A 192.0.2.1")]
    public void The_answer_is_given_back_in_every_form(string rules, string answer, string additional)
    {
        foreach (AnswerForm form in Enum.GetValues<AnswerForm>())
        {
            ScriptedAnswer script = new ScriptedAnswer { Form = form, Flags = DnsResponseFlags.AuthenticData }
                .Answer($"my.local. {(form == AnswerForm.Image ? 61 : 60)} IN SRV 0 1 2 S.my.local.")
                .Additional($"s.MY.local. {(form == AnswerForm.Image ? 61 : 60)} IN A 192.0.2.1")
                .Prepare("my.local.", DnsRecordType.SRV);
            Reply reply = new(Harness(rules, script).Ask("my.uk.", DnsRecordType.SRV));
            Assert.Equal(answer, Assert.Single(reply.Answer).ToLowerInvariant().Replace("in srv", "IN SRV", StringComparison.Ordinal));
            Assert.Equal(additional, Assert.Single(reply.Additional).ToLowerInvariant().Replace("in a", "IN A", StringComparison.Ordinal));
            Assert.Equal(!reply.Answer[0].Contains("my.uk", StringComparison.OrdinalIgnoreCase), reply.Header.AuthenticData);
        }
    }

    [Theory]
    [InlineData(DnsRecordType.MX, "10 mail.b.", "000A046D61696C016100")]
    [InlineData(DnsRecordType.NAPTR, "1 2 \"S\" \"SIP+D2U\" \"\" _sip.b.", "000100020153075349502B44325500045F736970016100")]
    [InlineData(DnsRecordType.DNAME, "x.b.", "0178016100")]
    [InlineData(DnsRecordType.TXT, "x.b.", "\"x.b.\"")]
    public void Names_in_rdata_are_found_where_they_are(DnsRecordType type, string rdata, string expected)
    {
        ScriptedAnswer script = new ScriptedAnswer().Answer($"b. 60 IN {type} {rdata}").Prepare("b.", type);
        Reply reply = new(Harness("name a. b.", script).Ask("a.", type));
        Assert.Equal($"a. 60 IN {type} {expected}", Assert.Single(reply.Answer));
    }

    [Fact]
    public void Only_records_that_change_are_copied_out_of_an_RRset()
    {
        ScriptedAnswer script = new ScriptedAnswer().Answer("b. 60 IN NS ns.b.", "b. 60 IN NS ns.other.").Prepare("b.", DnsRecordType.NS);
        Reply reply = new(Harness("name a. b.", script).Ask("a.", DnsRecordType.NS));
        Assert.Equal(["a. 60 IN NS ns.a.", "a. 60 IN NS ns.other."], reply.Answer);
        Assert.Equal("b.", script.Sets[0].Owner.ToString());
    }

    [Theory]
    [InlineData(DnsOutcome.Unclaimed, "rcode a. SERVFAIL NOERROR", DnsResponseCode.NoError)]
    [InlineData(DnsOutcome.Replied, "rcode a. NXDOMAIN NOERROR", DnsResponseCode.NoError)]
    [InlineData(DnsOutcome.Replied, "rcode a. SERVFAIL NOERROR", DnsResponseCode.NameError)]
    [InlineData(DnsOutcome.Replied, "rcode b. NXDOMAIN NOERROR", DnsResponseCode.NameError)]
    [InlineData(DnsOutcome.Replied, "continue rcode a. 2 5\nrewrite rcode a. 3 2", DnsResponseCode.Refused)]
    public void Codes_are_replaced(DnsOutcome outcome, string rules, DnsResponseCode expected)
    {
        Reply reply = new(Harness(rules, new FuncHandler(q => outcome == DnsOutcome.Replied ? q.Reply(DnsResponseCode.NameError) : outcome)).Ask("a.", DnsRecordType.A));
        Assert.Equal(expected, reply.Code);
    }

    [Fact]
    public void What_nobody_claims_stays_unclaimed_and_what_is_dropped_dropped()
    {
        foreach (DnsOutcome outcome in new[] { DnsOutcome.Unclaimed, DnsOutcome.Dropped })
        {
            ChainHarness harness = Harness("name a. b.", new FuncHandler(_ => outcome));
            harness.Ask("a.", DnsRecordType.A);
            Assert.Equal(outcome, harness.Outcome);
            Assert.Equal("a.", harness.Query.LowerName.ToString());
        }
    }

    [Fact]
    public void Zone_transfers_are_left_alone()
    {
        string asked = string.Empty;
        ChainHarness harness = Harness("name a. b.", new FuncHandler(q =>
        {
            asked = q.LowerName.ToString();
            return q.Refuse();
        }));
        harness.Ask("a.", DnsRecordType.AXFR, transport: DnsTransport.Tcp);
        Assert.Equal("a.", asked);
    }

    [Fact]
    public void A_suffix_and_back_is_the_name_asked_for() => Prop.ForAll(
        Gen.Elements("a", "bb", "x-1", "_srv", "\\.", "\\000", "\\255").ArrayOf().Where(l => l.Length is > 0 and < 8).ToArbitrary(),
        labels =>
        {
            string name = string.Join('.', labels) + ".old.example.";
            string asked = string.Empty;
            ChainHarness harness = Harness("name suffix .old.example .new.example answer auto", new FuncHandler(q =>
            {
                asked = q.LowerName.ToString();
                q.Response.AddSynthesized(DnsSection.Answer, q.LowerName, DnsRecordType.CNAME, DnsRecordClass.IN, 60, q.LowerName.Wire);
                return DnsOutcome.Replied;
            }));
            Reply reply = new(harness.Ask(name, DnsRecordType.A));
            string expected = DnsName.Parse(name).ToString();
            return asked == expected.Replace(".old.example.", ".new.example.", StringComparison.Ordinal) && reply.Answer.Single() == $"{expected} 60 IN CNAME {expected}";
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("name exact b.example.org c.example.org\nrewrite name prefix foo bar\nrewrite name suffix .com .net answer auto\nrewrite name regex ^x(.*) {1}\nrewrite type ANY HINFO", AnswerForm.Image)]
    [InlineData("name exact a.example.org my.local", AnswerForm.RRsets)]
    [InlineData("name exact a.example.org my.local", AnswerForm.Image)]
    [InlineData("name prefix a. my. answer auto", AnswerForm.RRsets)]
    [InlineData("continue ttl suffix org 30\nrewrite name suffix .org .net answer auto", AnswerForm.RRsets)]
    [InlineData("name suffix .org .net answer auto", AnswerForm.Image)]
    [InlineData("name x. y.", AnswerForm.Image)]
    [InlineData("continue edns0 subnet set 24 56 revert\nrewrite edns0 local set 0xffee {client_ip}", AnswerForm.RRsets)]
    public void Nothing_is_allocated(string rules, AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }.Answer("my.local. 60 IN CNAME a.my.local.", "a.my.local. 60 IN A 192.0.2.1").Prepare("my.local.", DnsRecordType.A);
        ChainHarness harness = Harness(rules, script);
        int length = harness.Begin("a.example.org.", DnsRecordType.A, dnssecOk: true);
        AllocationAssert.None(() =>
        {
            harness.BeginAgain(length);
            harness.Run();
        });
    }

    private static ChainHarness Harness(string rules, IDnsHandler next)
    {
        SnippetSetup setup = SnippetSetup.Run(new RewritePlugin(), "rewrite " + rules);
        Assert.Empty(setup.Errors);
        return setup.Wire().Harness(next);
    }
}
