using System.Globalization;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.Root;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Hosts;

public sealed class HostsPluginTests
{
    [Theory]
    [InlineData("hosts")]
    [InlineData("hosts /tmp")]
    [InlineData("hosts /etc/hosts miek.nl.")]
    [InlineData("hosts /etc/hosts miek.nl 10.0.0.9/8 {\nfallthrough\n}")]
    [InlineData("hosts {\nfallthrough in-addr.arpa ip6.arpa\n}")]
    [InlineData("hosts {\nfallthrough\nfallthrough_unsupported\n}")]
    [InlineData("hosts {\nfallthrough_unsupported\nfallthrough example.org\n}")]
    [InlineData("hosts unlikely example.org {\n10.0.0.1 example.org\n::1 example.org a.example.org\nttl 60\nno_reverse\nreload 0s\nfallthrough\n}")]
    [InlineData("hosts {\nreload 1h30m\n}")]
    [InlineData("hosts {\nreload 0\n}")]
    [InlineData("hosts {\nttl 65535\n}")]
    public async Task Accepted(string stanza)
    {
        await using PluginHarness harness = Set(stanza);
        Assert.Empty(harness.Diagnostics.Items);
    }

    [Theory]
    [InlineData("hosts\nhosts", "Corefile:3:1: error: hosts: may be used once in a server block; it was already used at Corefile:2:1")]
    [InlineData("hosts {\nfallthrough\n10.0.0.1 example.org\n}", "Corefile:4:1: error: hosts: unknown property '10.0.0.1'; known are: ttl, reload, no_reverse, fallthrough, fallthrough_unsupported; entries stand before 'fallthrough'")]
    [InlineData("hosts {\nfallthrough\nno_revers\n}", "Corefile:4:1: error: hosts: unknown property 'no_revers'; did you mean 'no_reverse'?; entries stand before 'fallthrough'")]
    [InlineData("hosts {\nfallthrough_unsupported\n}", "Corefile:3:1: error: hosts: fallthrough_unsupported: needs 'fallthrough', which it extends")]
    [InlineData("hosts {\nfallthrough\nfallthrough_unsupported example.org\n}", "Corefile:4:25: error: hosts: fallthrough_unsupported: takes no arguments, but has 'example.org'")]
    [InlineData("hosts {\nttl\n}", "Corefile:3:1: error: hosts: ttl: a whole number from 1 to 65535 is expected after 'ttl'")]
    [InlineData("hosts {\nttl 0\n}", "Corefile:3:5: error: hosts: ttl: '0' is not a whole number from 1 to 65535")]
    [InlineData("hosts {\nttl 65536\n}", "Corefile:3:5: error: hosts: ttl: '65536' is not a whole number from 1 to 65535")]
    [InlineData("hosts {\nreload 5\n}", "Corefile:3:8: error: hosts: reload: '5' is not a duration, not negative, such as 1h30m, 5s or 250ms; a unit is missing, write '5s' for seconds")]
    [InlineData("hosts {\nreload -5s\n}", "Corefile:3:8: error: hosts: reload: '-5s' is not a duration, not negative, such as 1h30m, 5s or 250ms")]
    public async Task Refused(string stanza, string error)
    {
        await using PluginHarness harness = Set(stanza);
        Assert.False(harness.IsAccepted);
        Assert.Equal(error, harness.Errors.Split('\n')[0]);
    }

    [Theory]
    [InlineData("relod 5s", "Corefile:3:1: warning: hosts: \"relod\" is not an IP address; skipped; did you mean 'reload'?")]
    [InlineData("10.0.0.1", "Corefile:3:1: warning: hosts: 10.0.0.1 stands without a name; skipped")]
    [InlineData("10.0.0.1 a..b", "Corefile:3:1: warning: hosts: \"a..b\" is not a host name: a label must not be empty; skipped")]
    public async Task Entries_that_are_wrong_are_warned_about(string line, string warning)
    {
        await using PluginHarness harness = Set($"hosts {{\n{line}\n}}");
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.Equal(warning, Assert.Single(harness.Diagnostics.Items).ToString());
    }

    [Fact]
    public async Task The_blocks_zones_are_served_when_none_are_written()
    {
        const string Corefile = "example.org:0 10.0.0.0/8:0 {\nhosts /nonexistent {\n10.0.0.1 example.org other.net\nttl 5\n}\n}\n";
        await using PluginHarness harness = PluginHarness.Corefile(Corefile, plugins: [new HostsPlugin()]);
        await harness.StartAsync();
        Assert.Equal("NoError aa | example.org. 5 A 10.0.0.1", harness.Chain.Say("example.org.", DnsRecordType.A));
        Assert.Equal("NoError aa | 1.0.0.10.in-addr.arpa. 5 PTR example.org.", harness.Chain.Say("1.0.0.10.in-addr.arpa.", DnsRecordType.PTR));
    }

    [Fact]
    public async Task Written_zones_take_the_place_of_the_blocks()
    {
        await using PluginHarness harness = Set("hosts /nonexistent example.org {\n10.0.0.1 www.example.org www.example.net\nfallthrough\n}");
        await harness.StartAsync();
        Assert.Equal("NoError aa | www.example.org. 3600 A 10.0.0.1", harness.Chain.Say("www.example.org.", DnsRecordType.A));
        Assert.Equal("unclaimed", harness.Chain.Say("www.example.net.", DnsRecordType.A));
    }

    [Fact]
    public async Task The_file_is_read_at_the_start_and_taken_over_by_the_next_configuration()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "10.0.0.1 a.test\n");
            await using PluginHarness first = Set($"hosts {path}");
            Assert.Equal("ServerFailure", first.Chain.Say("a.test.", DnsRecordType.A));
            await first.StartAsync();
            Assert.Equal("NoError aa | a.test. 3600 A 10.0.0.1", first.Chain.Say("a.test.", DnsRecordType.A));

            // The file is away just while the configuration changes.
            File.Delete(path);
            await using var second = PluginHarness.Stanza($"hosts {path} {{\nreload 10s\n}}", first, [new HostsPlugin()]);
            await second.StartAsync();
            Assert.Equal("NoError aa | a.test. 3600 A 10.0.0.1", second.Chain.Say("a.test.", DnsRecordType.A));
            Assert.Equal("2", second.Metrics.Snapshot().Single(s => s.Name == "coredns_hosts_entries").Read().ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("hosts some/hosts", "some/hosts")]
    [InlineData("root /somewhere\nhosts some/hosts", "/somewhere/some/hosts")]
    [InlineData("root /somewhere\nhosts /some/hosts", "/some/hosts")]
    [InlineData("hosts", "/etc/hosts")]
    public async Task A_relative_path_is_taken_from_root(string stanza, string path)
    {
        await using var harness = PluginHarness.Stanza(stanza, plugins: [new RootPlugin(), new HostsPlugin()]);
        await harness.StartAsync();
        Assert.Equal(path, harness.Metrics.Snapshot().Single(s => s.Name == "coredns_hosts_entries").Labels[0].Value);
    }

    private static PluginHarness Set(string stanza) => PluginHarness.Stanza(stanza, plugins: [new HostsPlugin()]);
}
