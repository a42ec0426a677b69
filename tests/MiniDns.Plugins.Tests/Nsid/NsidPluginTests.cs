using System.Text;
using MiniDns.Plugins.Nsid;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Nsid;

public sealed class NsidPluginTests
{
    private static readonly FuncHandler Answer = new(q => q.Reply(DnsResponseCode.NoError));

    [Theory]
    [InlineData("nsid", true)]
    [InlineData("nsid \"ps0\"", true)]
    [InlineData("nsid \"tf 2\"", true)]
    [InlineData("nsid\nnsid", false)]
    [InlineData("nsid {\n x\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new NsidPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void An_identity_longer_than_255_octets_is_refused()
    {
        Assert.Empty(SnippetSetup.Run(new NsidPlugin(), "nsid " + new string('x', 255)).Errors);
        Assert.Equal(
            ["Corefile:2:6: nsid: the identity is 256 octets long; at most 255 are sent"],
            SnippetSetup.Run(new NsidPlugin(), "nsid " + new string('x', 256)).Errors);
    }

    [Theory]
    [InlineData("nsid", "host-7")]
    [InlineData("nsid Use The Force", "Use The Force")]
    public void Rfc5001_2_2_the_identity_is_in_the_reply_to_a_query_that_asks_for_it(string lines, string identity)
    {
        ChainHarness harness = SnippetSetup.Run(new NsidPlugin(), lines).Harness(Answer);
        Reply reply = Ask(harness, asksForIdentity: true);
        Assert.Equal(identity, Encoding.UTF8.GetString(reply.Option(EdnsOptionCode.NameServerId)!));
    }

    [Fact]
    public void Rfc5001_2_1_nobody_else_is_told()
    {
        ChainHarness harness = SnippetSetup.Run(new NsidPlugin(), "nsid").Harness(Answer);
        Assert.Null(Ask(harness, asksForIdentity: false).Option(EdnsOptionCode.NameServerId));
        Assert.False(new Reply(harness.Ask("example.org.", DnsRecordType.A)).Edns.IsPresent);
    }

    [Fact]
    public void A_failure_tells_who_failed()
    {
        ChainHarness harness = SnippetSetup.Run(new NsidPlugin(), "nsid").Harness(new FuncHandler(q => q.Fail(DnsResponseCode.ServerFailure, "broken")));
        Reply reply = Ask(harness, asksForIdentity: true);
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.NotNull(reply.Option(EdnsOptionCode.NameServerId));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        ChainHarness harness = SnippetSetup.Run(new NsidPlugin(), "nsid").Harness(Answer);
        int length = Write(harness, asksForIdentity: true);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
    }

    private static Reply Ask(ChainHarness harness, bool asksForIdentity)
    {
        harness.BeginAgain(Write(harness, asksForIdentity));
        return new Reply(harness.Query.SendBuffer.AsMemory(0, harness.Run()));
    }

    /// <summary>Writes a query with EDNS and, if wanted, an empty NSID option.</summary>
    private static int Write(ChainHarness harness, bool asksForIdentity)
    {
        int length = harness.Begin("example.org.", DnsRecordType.A, dnssecOk: true);
        if (!asksForIdentity)
        {
            return length;
        }

        byte[] message = harness.Query.ReceiveBuffer;
        message[length - 1] = 4;
        new byte[] { 0, 3, 0, 0 }.CopyTo(message, length);
        return length + 4;
    }
}
