using MiniDns.Plugins.Search;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Search;

public sealed class SearchPluginTests
{
    [Theory]
    [InlineData("search mycompany.com")]
    [InlineData("search mycompany.com. prod.mycompany.com {\nndots 3\n}")]
    [InlineData("search MyCompany.com { }")]
    public async Task Accepted(string stanza)
    {
        await using PluginHarness harness = Set(stanza);
        Assert.Empty(harness.Diagnostics.Items);
    }

    [Theory]
    [InlineData("search", "Corefile:2:1: error: search: at least one domain is expected; write 'search DOMAIN...'")]
    [InlineData("search .", "Corefile:2:8: error: search: '.' is no search domain: names that no domain has are looked up as they are anyway")]
    [InlineData("search /etc/resolv.conf", "Corefile:2:8: error: search: '/etc/resolv.conf' is not a domain; write the domains themselves, such as 'mycompany.com'")]
    [InlineData("search a..b", "Corefile:2:8: error: search: 'a..b' is not a domain name: a label must not be empty")]
    [InlineData("search a.b {\nndot 2\n}", "Corefile:3:1: error: search: unknown property 'ndot'; did you mean 'ndots'?")]
    [InlineData("search a.b {\nndots 0\n}", "Corefile:3:7: error: search: ndots: '0' is not a whole number from 1 to 15")]
    [InlineData("search a.b {\nndots\n}", "Corefile:3:1: error: search: ndots: a whole number from 1 to 15 is expected after 'ndots'")]
    [InlineData("search a.b\nsearch c.d", "Corefile:3:1: error: search: may be used once in a server block; it was already used at Corefile:2:1")]
    public async Task Refused(string stanza, string error)
    {
        await using PluginHarness harness = Set(stanza);
        Assert.False(harness.IsAccepted);
        Assert.Equal(error, harness.Errors);
    }

    [Fact]
    public async Task Domains_are_bounded()
    {
        string domains = string.Join(' ', Enumerable.Range(0, SearchOptions.MaxDomains + 5).Select(i => $"d{i}.test"));
        await using PluginHarness harness = Set("search " + domains);
        Assert.EndsWith("at most 32 domains are searched", harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_short_names_never_reach_is_warned_about()
    {
        await using PluginHarness harness = PluginHarness.Corefile("mycompany.com:0 {\nsearch mycompany.com\n}\n", plugins: [new SearchPlugin()]);
        Assert.True(harness.IsAccepted);
        Assert.Contains("put 'search' into a block for '.'", Assert.Single(harness.Diagnostics.Items).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_given_twice_is_warned_about()
    {
        await using PluginHarness harness = Set("search a.b A.B.");
        Assert.True(harness.IsAccepted);
        Assert.Equal("Corefile:2:12: warning: search: 'A.B.' stands here twice", Assert.Single(harness.Diagnostics.Items).ToString());
    }

    private static PluginHarness Set(string stanza) => PluginHarness.Stanza(stanza, plugins: [new SearchPlugin()]);
}
