using MiniDns.Plugins.Local;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;
using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Tests.Local;

public sealed class LocalPluginTests
{
    private const string Soa = " 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800";

    [Theory]
    [InlineData("local", true)]
    [InlineData("local {\n localhost_prefix on\n}", true)]
    [InlineData("local {\n localhost_prefix off\n}", true)]
    [InlineData("local extra", false)]
    [InlineData("local {\n localhost_prefix\n}", false)]
    [InlineData("local {\n localhost_prefix maybe\n}", false)]
    [InlineData("local {\n localhost_prefix on off\n}", false)]
    [InlineData("local {\n prefix on\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new LocalPlugin(), lines).Errors.Count == 0);

    [Theory]
    [InlineData("localhost.", DnsRecordType.A, "localhost. 604800 IN A 127.0.0.1")]
    [InlineData("localHOst.", DnsRecordType.A, "localHOst. 604800 IN A 127.0.0.1")]
    [InlineData("localhost.", DnsRecordType.AAAA, "localhost. 604800 IN AAAA ::1")]
    [InlineData("localhost.", DnsRecordType.NS, "localhost. 604800 IN NS localhost.")]
    [InlineData("localhost.", DnsRecordType.SOA, "localhost." + Soa)]
    [InlineData("localhost.", DnsRecordType.ANY, "localhost. 604800 IN A 127.0.0.1")]
    [InlineData("a.localhost.", DnsRecordType.A, "a.localhost. 604800 IN A 127.0.0.1")]
    [InlineData("b.a.localhost.", DnsRecordType.AAAA, "b.a.localhost. 604800 IN AAAA ::1")]
    [InlineData("localhost.example.net.", DnsRecordType.A, "localhost.example.net. 604800 IN A 127.0.0.1")]
    [InlineData("127.in-addr.arpa.", DnsRecordType.NS, "127.in-addr.arpa. 604800 IN NS localhost.")]
    [InlineData("0.in-addr.arpa.", DnsRecordType.SOA, "0.in-addr.arpa." + Soa)]
    [InlineData("1.0.0.127.in-addr.arpa.", DnsRecordType.PTR, "1.0.0.127.in-addr.arpa. 604800 IN PTR localhost.")]
    public void Rfc6761_6_3_local_names_are_answered(string name, DnsRecordType type, string answer)
    {
        Reply reply = Ask("local", name, type);
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.Equal([answer], reply.Answer);
        Assert.Empty(reply.Authority);
    }

    [Theory]
    [InlineData("localhost.", DnsRecordType.MX, DnsResponseCode.NoError, "localhost.")]
    [InlineData("a.localhost.", DnsRecordType.MX, DnsResponseCode.NoError, "a.localhost.")]
    [InlineData("a.localhost.", DnsRecordType.NS, DnsResponseCode.NoError, "a.localhost.")]
    [InlineData("127.in-addr.arpa.", DnsRecordType.A, DnsResponseCode.NoError, "127.in-addr.arpa.")]
    [InlineData("1.0.0.127.in-addr.arpa.", DnsRecordType.MX, DnsResponseCode.NoError, "127.in-addr.arpa.")]
    [InlineData("0.0.127.in-addr.arpa.", DnsRecordType.PTR, DnsResponseCode.NoError, "127.in-addr.arpa.")]
    [InlineData("0.127.in-addr.arpa.", DnsRecordType.PTR, DnsResponseCode.NoError, "127.in-addr.arpa.")]
    [InlineData("2.0.0.127.in-addr.arpa.", DnsRecordType.PTR, DnsResponseCode.NameError, "127.in-addr.arpa.")]
    [InlineData("x.1.0.0.127.in-addr.arpa.", DnsRecordType.PTR, DnsResponseCode.NameError, "127.in-addr.arpa.")]
    [InlineData("1.255.in-addr.arpa.", DnsRecordType.PTR, DnsResponseCode.NameError, "255.in-addr.arpa.")]
    public void Rfc2308_a_negative_answer_has_the_SOA_record(string name, DnsRecordType type, DnsResponseCode code, string owner)
    {
        Reply reply = Ask("local", name, type);
        Assert.Equal(code, reply.Code);
        Assert.Empty(reply.Answer);
        Assert.Equal([owner + Soa], reply.Authority);
    }

    [Theory]
    [InlineData("local", "example.net.")]
    [InlineData("local", "notlocalhost.example.net.")]
    [InlineData("local", "localhosts.")]
    [InlineData("local", "10.in-addr.arpa.")]
    [InlineData("local {\n localhost_prefix off\n}", "localhost.example.net.")]
    public void Other_names_are_passed_on(string lines, string name)
    {
        SnippetSetup setup = SnippetSetup.Run(new LocalPlugin(), lines);
        ChainHarness harness = setup.Harness();
        harness.Ask(name, DnsRecordType.A);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Outcome);
    }

    [Fact]
    public void Special_names_are_counted_and_shown_to_those_who_debug()
    {
        SnippetServices services = new();
        services.Log.Least = LogLevel.Debug;
        ChainHarness harness = SnippetSetup.Run(new LocalPlugin(), "local", services).Harness();
        harness.Ask("localhost.", DnsRecordType.A);
        harness.Ask("127.in-addr.arpa.", DnsRecordType.A);
        harness.Ask("A.localhost.", DnsRecordType.AAAA);
        harness.Ask("localhost.example.org.", DnsRecordType.A);
        Assert.Equal(2, services.Metric("coredns_local_localhost_requests_total"));
        Assert.Equal("Debug plugin/local: intercepting localhost query for a.localhost. AAAA, from 127.0.0.1", services.Log.Lines[0]);
    }

    [Theory]
    [InlineData("localhost.")]
    [InlineData("a.localhost.")]
    [InlineData("2.0.0.127.in-addr.arpa.")]
    public void Nothing_is_allocated(string name)
    {
        ChainHarness harness = SnippetSetup.Run(new LocalPlugin(), "local").Harness();
        int length = harness.Begin(name, DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
    }

    private static Reply Ask(string lines, string name, DnsRecordType type) => new(SnippetSetup.Run(new LocalPlugin(), lines).Harness().Ask(name, type));
}
