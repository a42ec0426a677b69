using System.Net;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Order;

/// <summary>Orders of a block's own, from the text of a Corefile to answers.</summary>
public sealed class OrderPluginTests
{
    private const string Sources = """
        template IN A {
            answer "{{ .Name }} 60 IN A 192.0.2.1"
        }
        hosts {
            192.0.2.2 www.example.org secret.example.org
            fallthrough
        }
        """;

    private const string Rules = """
        acl secret.example.org {
            allow net 10.0.0.0/8
            block
        }
        """;

    [Theory]
    [InlineData("", "www.example.org.", "192.0.2.1")]
    [InlineData("order hosts template", "www.example.org.", "192.0.2.2")]
    [InlineData("order hosts template", "other.example.org.", "192.0.2.1")]
    [InlineData("order template hosts", "www.example.org.", "192.0.2.1")]
    [InlineData("cache\norder hosts cache template", "www.example.org.", "192.0.2.2")]
    [InlineData("cache\norder hosts template\nrewrite name old.example.org www.example.org", "old.example.org.", "192.0.2.2")]
    [InlineData("order hosts rewrite template\nrewrite name www.example.org old.example.org", "www.example.org.", "192.0.2.2")]
    [InlineData("order hosts rewrite template\nrewrite name old.example.org secret.example.org", "old.example.org.", "192.0.2.1")]
    public async Task The_plugin_that_comes_first_answers(string lines, string name, string expected)
    {
        await using PluginHarness harness = PluginHarness.Stanza(lines + "\n" + Sources);
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.Equal([$"{name} 60 IN A {expected}"], new Reply(harness.Chain.Ask(name, DnsRecordType.A)).Answer.Select(r => r.Replace(" 3600 ", " 60 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Plugins_that_are_not_named_stay_where_they_are()
    {
        // The cache stands where it stands: before the template, behind the renaming.
        await using PluginHarness harness = PluginHarness.Stanza("prometheus :0\ncache\nrewrite name old.example.org www.example.org\norder hosts template\n" + Sources);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.Chain.Ask("old.example.org.", DnsRecordType.A);
        Assert.Equal(["old.example.org. 3600 IN A 192.0.2.2"], new Reply(harness.Chain.Ask("old.example.org.", DnsRecordType.A)).Answer);
        Assert.Equal(1, harness.Metrics.Snapshot().Where(s => s.Name == "coredns_cache_hits_total").Sum(s => s.Read()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("order hosts acl")]
    [InlineData("order hosts template acl")]
    [InlineData("cache\norder cache hosts acl rewrite\nrewrite name old.example.org secret.example.org")]
    [InlineData("cache\norder acl rewrite\nrewrite name old.example.org secret.example.org")]
    [InlineData("cache\norder cache rewrite\nrewrite name old.example.org secret.example.org")]
    [InlineData("cache\norder cache acl rewrite\nrewrite name old.example.org secret.example.org")]
    public async Task What_is_denied_stays_denied_in_any_order(string lines)
    {
        await using PluginHarness harness = PluginHarness.Stanza(lines + "\n" + Rules + "\n" + Sources);
        Assert.True(harness.IsAccepted, harness.Errors);
        string[] names = lines.Contains("rewrite", StringComparison.Ordinal) && !lines.Contains("hosts", StringComparison.Ordinal) ? ["secret.example.org.", "old.example.org."] : ["secret.example.org."];
        foreach (string name in names)
        {
            // An allowed client first, so that a cache has what the other must not get.
            foreach ((string client, DnsResponseCode code) in ((string, DnsResponseCode)[])[("10.0.0.1", DnsResponseCode.NoError), ("192.0.2.99", DnsResponseCode.Refused), ("10.0.0.1", DnsResponseCode.NoError)])
            {
                harness.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4000);
                Reply reply = new(harness.Chain.Ask(name, DnsRecordType.A));
                Assert.Equal((name, client, code), (name, client, reply.Code));
                Assert.Equal(code == DnsResponseCode.NoError ? 1 : 0, reply.Answer.Count);
            }
        }
    }
}
