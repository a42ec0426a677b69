using MiniDns.Plugins.Any;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Any;

public sealed class AnyPluginTests
{
    [Theory]
    [InlineData("any", true)]
    [InlineData("any x", false)]
    [InlineData("any {\n x\n}", false)]
    [InlineData("any\nany", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new AnyPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void Rfc8482_4_2_the_answer_to_ANY_is_one_HINFO_record()
    {
        ChainHarness harness = SnippetSetup.Run(new AnyPlugin(), "any").Harness(new FuncHandler(q => q.Refuse()));
        Reply reply = new(harness.Ask("Example.ORG.", DnsRecordType.ANY));
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.False(reply.Header.IsAuthoritative);
        Assert.Equal(["Example.ORG. 8482 IN HINFO 0D414E59206F62736F6C657465640C5365652052464320383438" + "32"], reply.Answer);
    }

    [Theory]
    [InlineData(DnsRecordType.A)]
    [InlineData(DnsRecordType.HINFO)]
    [InlineData(DnsRecordType.TXT)]
    public void Other_types_pass(DnsRecordType type)
    {
        ChainHarness harness = SnippetSetup.Run(new AnyPlugin(), "any").Harness();
        harness.Ask("example.org.", type);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Outcome);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        ChainHarness harness = SnippetSetup.Run(new AnyPlugin(), "any").Harness();
        int length = harness.Begin("example.org.", DnsRecordType.ANY);
        AllocationAssert.None(() =>
        {
            harness.BeginAgain(length);
            harness.Run();
        });
    }
}
