using MiniDns.Configuration;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Transfer;

public sealed class TransferPluginTests
{
    [Theory]
    [InlineData("transfer {\nto *\n}")]
    [InlineData("transfer example.net example.org {\nto 1.2.3.4 5.6.7.8:1053 [1::2]:34 [fe80::1%eth0]:53\nsource 2001:db8::53\n}\ntransfer example.com example.edu {\nto * 1.2.3.4\n}")]
    [InlineData("transfer 10.0.0.0/8 {\nto 1::2\n}")]
    [InlineData("tsig {\nsecret A.key c2VjcmV0\n}\ntransfer {\nto 1.2.3.4 1::2 key a.KEY\nto 1.2.3.5\nto * key a.key\n}")]
    public async Task Accepted(string stanza)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.Empty(harness.Errors);
    }

    [Theory]
    [InlineData("transfer", "Corefile:2:1: error: transfer: who may have transfers is missing; write 'to ADDRESS...' or 'to *' in braces")]
    [InlineData("transfer example.org {\n}", "who may have transfers is missing")]
    [InlineData("transfer {\nto\n}", "Corefile:3:1: error: transfer: to: at least 1 argument(s) are expected, not 0; write 'to ADDRESS... [key NAME]'")]
    [InlineData("transfer {\nto * example.com\n}", "Corefile:3:6: error: transfer: to: 'example.com' is not '*', or an IP address such as 192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:53")]
    [InlineData("transfer {\nto 10.0.0.0/8\n}", "'10.0.0.0/8' is not '*', or an IP address")]
    [InlineData("transfer {\nto *\nfrom 192.0.2.1\n}", "unknown property 'from'")]
    [InlineData("transfer {\nto *\nsource\n}", "an IP address is expected after 'source'")]
    [InlineData("transfer {\nto *\nsource example.org\n}", "'example.org' is not an IP address such as 192.0.2.53")]
    [InlineData("transfer {\nto *\nsource 192.0.2.1 192.0.2.2\n}", "'192.0.2.2' is one argument too many")]
    [InlineData("transfer {\nto *\nsource 192.0.2.1\nsource 2001:db8::1\n}", "Corefile:5:1: error: transfer: source: given already at Corefile:4:1; notifications leave from one address")]
    [InlineData("transfer {\nto key\n}", "'key' is not '*', or an IP address")]
    [InlineData("tsig {\nsecret a.key c2VjcmV0\n}\ntransfer {\nto * key\n}", "a domain name is expected after 'key'")]
    [InlineData("tsig {\nsecret a.key c2VjcmV0\n}\ntransfer {\nto * key a.key b.key\n}", "'b.key' is one argument too many")]
    [InlineData("tsig {\nsecret a.key c2VjcmV0\n}\ntransfer {\nto * key b.key\n}", "Corefile:6:10: error: transfer: to: there is no key 'b.key.'; define it with 'tsig { secret b.key. SECRET }'")]
    public async Task Refused(string stanza, string error)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.Contains(error, harness.Errors, StringComparison.Ordinal);
        Assert.Single(harness.Diagnostics.Items, i => i.Severity == DiagnosticSeverity.Error);
    }

    [Fact]
    public async Task A_key_needs_somebody_to_check_it()
    {
        await using PluginHarness harness = PluginHarness.Corefile("a.example:0 {\ntsig {\nsecret a.key c2VjcmV0\n}\nwhoami\n}\nb.example:0 {\ntransfer {\nto * key a.key\n}\nwhoami\n}");
        Assert.Contains("Corefile:9:10: error: transfer: to: a key needs 'tsig' in the same server block", harness.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transfer {\nto 192.0.2.1 2001:db8::1\nsource 2001:db8::53\n}", "'source' 2001:db8::53 is not of the same family as 192.0.2.1:53")]
    [InlineData("transfer example.org {\nto *\n}\ntransfer example.net example.org {\nto 192.0.2.1\n}", "example.org. has a directive already at Corefile:2:1")]
    public async Task Doubtful(string stanza, string warning)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted);
        ConfigDiagnostic item = Assert.Single(harness.Diagnostics.Items);
        Assert.Contains(warning, item.ToString(), StringComparison.Ordinal);
    }
}
