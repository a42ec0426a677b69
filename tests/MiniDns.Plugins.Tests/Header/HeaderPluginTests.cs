using MiniDns.Plugins.Header;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Header;

public sealed class HeaderPluginTests
{
    private const ushort All = DnsHeader.AuthoritativeFlag | DnsHeader.RecursionAvailableFlag | DnsHeader.RecursionDesiredFlag;

    [Theory]
    [InlineData("header {\n query set rd\n}", true)]
    [InlineData("header {\n response set aa\n}", true)]
    [InlineData("header {\n RESPONSE Set ra AA\n query clear rd\n}", true)]
    [InlineData("header", false)]
    [InlineData("header {}", false)]
    [InlineData("header {\n}", false)]
    [InlineData("header {\n foo\n}", false)]
    [InlineData("header {\n response set\n}", false)]
    [InlineData("header {\n query foo\n}", false)]
    [InlineData("header {\n query foo rd\n}", false)]
    [InlineData("header {\n query set tc\n}", false)]
    [InlineData("header x {\n query set rd\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new HeaderPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void All_that_is_wrong_is_said_at_once_with_its_place()
    {
        SnippetSetup setup = SnippetSetup.Run(new HeaderPlugin(), "header {\n respons set aa\n query put rd\n response set ra zz\n}");
        Assert.Equal(
            [
                "Corefile:3:2: header: 'respons' is not 'query' or 'response'; write rules such as 'query set rd' or 'response clear aa ra'; did you mean 'response'?",
                "Corefile:4:8: header: 'put' is not 'set' or 'clear'",
                "Corefile:5:18: header: 'zz' is not one of aa, ra, rd",
            ],
            setup.Errors);
    }

    [Theory]
    [InlineData("response set ra aa", 0, All)]
    [InlineData("response clear rd", 0, 0)]
    [InlineData("response set ra\n response clear ra", 0, DnsHeader.RecursionDesiredFlag)]
    [InlineData("response clear ra\n response set ra", 0, DnsHeader.RecursionDesiredFlag | DnsHeader.RecursionAvailableFlag)]
    [InlineData("response clear aa ra", DnsHeader.AuthoritativeFlag | DnsHeader.RecursionAvailableFlag, DnsHeader.RecursionDesiredFlag)]
    [InlineData("query set aa", DnsHeader.AuthoritativeFlag, DnsHeader.AuthoritativeFlag | DnsHeader.RecursionDesiredFlag)]
    public void The_reply_has_the_flags_that_the_rules_say(string rules, int given, int expected)
    {
        DnsResponseFlags flags = ((given & DnsHeader.AuthoritativeFlag) != 0 ? DnsResponseFlags.Authoritative : 0)
            | ((given & DnsHeader.RecursionAvailableFlag) != 0 ? DnsResponseFlags.RecursionAvailable : 0);
        foreach (AnswerForm form in Enum.GetValues<AnswerForm>())
        {
            ScriptedAnswer script = new ScriptedAnswer { Form = form, Flags = flags }.Answer("example.org. 300 IN A 192.0.2.1").Prepare("example.org.", DnsRecordType.A);
            Reply reply = new(Harness(rules, script).Ask("example.org.", DnsRecordType.A));
            Assert.Equal(expected, reply.Header.Flags & All);
            Assert.Single(reply.Answer);
        }
    }

    [Theory]
    [InlineData("query clear rd", 0)]
    [InlineData("query set rd", DnsHeader.RecursionDesiredFlag)]
    [InlineData("query set ra aa", All)]
    [InlineData("query set ra\n query clear ra rd", 0)]
    public void The_plugins_behind_see_the_flags_that_the_rules_say(string rules, int expected)
    {
        int seen = -1;
        ChainHarness harness = Harness(rules, new FuncHandler(q =>
        {
            seen = q.Header.Flags;
            return q.Reply(DnsResponseCode.NoError);
        }));
        Reply reply = new(harness.Ask("example.org.", DnsRecordType.A));
        Assert.Equal(expected, seen);
        Assert.True(reply.Header.RecursionDesired);     // RFC 1035 §4.1.1: copied from the query
    }

    [Fact]
    public void Failures_get_the_flags_too()
    {
        Reply reply = new(Harness("response set ra", new FuncHandler(q => q.Fail(DnsResponseCode.ServerFailure, "broken"))).Ask("example.org.", DnsRecordType.A));
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.NotEqual(0, reply.Header.Flags & DnsHeader.RecursionAvailableFlag);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        ChainHarness harness = Harness("response set ra aa\n query clear rd", new FuncHandler(q => q.Reply(DnsResponseCode.NoError)));
        int length = harness.Begin("example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.BeginAgain(length);
            harness.Run();
        });
    }

    private static ChainHarness Harness(string rules, IDnsHandler next) =>
        SnippetSetup.Run(new HeaderPlugin(), "header {\n " + rules + "\n}").Harness(next);
}
