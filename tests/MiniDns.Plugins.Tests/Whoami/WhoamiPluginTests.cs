using System.Net;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Whoami;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Whoami;

public sealed class WhoamiPluginTests
{
    [Theory]
    [InlineData("whoami", true)]
    [InlineData("whoami extra", false)]
    [InlineData("whoami {\n x\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new WhoamiPlugin(), lines).Errors.Count == 0);

    [Theory]
    [InlineData("example.org.", "127.0.0.1", DnsTransport.Udp, "example.org. 0 IN A 127.0.0.1", "_udp.example.org. 0 IN SRV 0 0 40212 .")]
    [InlineData("Example.ORG.", "127.0.0.1", DnsTransport.Tcp, "Example.ORG. 0 IN A 127.0.0.1", "_tcp.Example.ORG. 0 IN SRV 0 0 40212 .")]
    [InlineData("example.org.", "2001:db8::7", DnsTransport.Udp, "example.org. 0 IN AAAA 2001:db8::7", "_udp.example.org. 0 IN SRV 0 0 40212 .")]
    [InlineData("example.org.", "::ffff:192.0.2.1", DnsTransport.Tls, "example.org. 0 IN A 192.0.2.1", "_tcp.example.org. 0 IN SRV 0 0 40212 .")]
    [InlineData(".", "127.0.0.1", DnsTransport.Https, ". 0 IN A 127.0.0.1", "_tcp. 0 IN SRV 0 0 40212 .")]
    public void The_client_is_told_who_it_is(string name, string client, DnsTransport transport, string address, string service)
    {
        ChainHarness harness = new(new WhoamiHandler()) { Client = new IPEndPoint(IPAddress.Parse(client), 40212) };
        Reply reply = new(harness.Ask(name, DnsRecordType.A, transport: transport));
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.True(reply.Header.IsAuthoritative);
        Assert.Empty(reply.Answer);
        Assert.Empty(reply.Authority);
        Assert.Equal([address, service], reply.Additional);
    }

    [Fact]
    public void A_name_too_long_for_a_service_label_has_no_SRV_record()
    {
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('b', 61) + ".";
        Reply reply = new(new ChainHarness(new WhoamiHandler()).Ask(longest, DnsRecordType.A));
        Assert.Single(reply.Additional);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        ChainHarness harness = new(new WhoamiHandler());
        int length = harness.Begin("whoami.example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
    }
}
