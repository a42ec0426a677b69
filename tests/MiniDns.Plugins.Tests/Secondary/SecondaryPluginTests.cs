using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class SecondaryPluginTests
{
    [Theory]
    [InlineData("secondary {\ntransfer from 127.0.0.1\n}")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1\n}")]
    [InlineData("secondary catalog.example {\ntransfer from 127.0.0.1\ncatalog\n}")]
    [InlineData("secondary catalog.example {\ntransfer from 127.0.0.1\ncatalog EXAMPLE.ORG internal.example\n}")]
    [InlineData("secondary catalog.example {\ntransfer from 127.0.0.1\ncatalog example.org EXAMPLE.ORG\ncatalog internal.example\n}")]
    [InlineData("secondary catalog.example {\ntransfer from 127.0.0.1\ncatalog example.org\ncatalog\n}")]
    [InlineData("secondary {\ntransfer from 127.0.0.1\nfallthrough\n}")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1\nfallthrough example.org\n}")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1:5300 [::1]:5301\ntransfer from ::1\n}")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1\nstore /var/lib/minidns\nmax_size 10MB\n}")]
    public void Accepted(string stanza)
    {
        SnippetSetup setup = SnippetSetup.Run(new SecondaryPlugin(), stanza);
        Assert.Empty(setup.Errors);
        Assert.Empty(setup.Warnings);
        Assert.Single(setup.Components);
    }

    [Theory]
    [InlineData("secondary", "a primary is missing")]
    [InlineData("secondary example.org {\n}", "a primary is missing")]
    [InlineData("secondary catalog.example {\ntransfer from 127.0.0.1\ncatalog :\n}", "':' cannot be read as a zone")]
    [InlineData("secondary example.org {\ntransferr from 127.0.0.1\n}", "unknown property 'transferr'; did you mean 'transfer'?")]
    [InlineData("secondary example.org {\ntransfer to 127.0.0.1\n}", "'from' is expected after 'transfer', not 'to'")]
    [InlineData("secondary example.org {\ntransfer\n}", "'from' is expected after 'transfer'")]
    [InlineData("secondary example.org {\ntransfer from\n}", "an address is expected after 'from'")]
    [InlineData("secondary example.org {\ntransfer from *\n}", "'*' is no address")]
    [InlineData("secondary example.org {\ntransfer from ns.example.org\n}", "ns.example.org")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1 key\n}", "key")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1 key a b\n}", "'b' is one argument too many")]
    [InlineData("secondary example.org {\ntransfer from key a\n}", "key")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1\nstore\n}", "the path of a directory is expected")]
    [InlineData("secondary example.org {\ntransfer from 127.0.0.1\nmax_size 0\n}", "max_size")]
    public void Refused(string stanza, string error)
    {
        SnippetSetup setup = SnippetSetup.Run(new SecondaryPlugin(), stanza);
        Assert.Contains(setup.Errors, e => e.Contains(error, StringComparison.Ordinal));
        Assert.Empty(setup.Components);
    }

    [Fact]
    public void A_key_must_be_defined_in_some_block()
    {
        const string Zones = "example.org:0 {\nsecondary {\ntransfer from 127.0.0.1 key Xfr\n}\n}\n";
        PluginHarness without = PluginHarness.Corefile(Zones);
        Assert.Contains("there is no key 'xfr.'", without.Errors, StringComparison.Ordinal);
        PluginHarness with = PluginHarness.Corefile(Zones + "example.net:0 {\ntsig {\nsecret xfr NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=\n}\n}\n");
        Assert.Equal("", with.Errors);
    }

    [Fact]
    public async Task A_zone_that_is_not_there_yet_is_a_failure_with_a_reason()
    {
        await using PluginHarness harness = PluginHarness.Corefile("example.org:0 {\nsecondary {\ntransfer from 127.0.0.1:1\nfallthrough\n}\nwhoami\n}\n");
        var reply = new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.A, dnssecOk: true));
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Equal([0, 14], reply.Option(EdnsOptionCode.ExtendedError));
        Assert.Equal(DnsResponseCode.Refused, new Reply(harness.Chain.Ask("example.org.", DnsRecordType.AXFR, transport: Queries.DnsTransport.Tcp)).Code);
    }

    [Fact]
    public async Task An_expired_zone_is_a_failure_with_another_reason_and_answers_allocate_nothing()
    {
        await using var primary = new FakePrimary();
        primary.Publish(SecondaryBench.Zone, SecondaryBench.Text(1));
        await using PluginHarness harness = PluginHarness.Corefile($"example.org:0 {{\nsecondary {{\ntransfer from {primary.Address}\n}}\n}}\n", plugins: [new SecondaryPlugin()]);
        await harness.StartAsync();
        await SecondaryBench.UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.Zero);
            return new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.A)).Answer.Count == 1;
        });

        int length = harness.Chain.Begin("www.example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Chain.BeginAgain(length);
            harness.Chain.Run();
        });

        await primary.StopAsync();
        await SecondaryBench.UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromSeconds(50));
            return new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.A)).Code == DnsResponseCode.ServerFailure;
        });
        Assert.Equal([0, 24], new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.A, dnssecOk: true)).Option(EdnsOptionCode.ExtendedError));
    }
}
