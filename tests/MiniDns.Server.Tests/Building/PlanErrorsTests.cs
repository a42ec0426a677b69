using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Building;

public sealed class PlanErrorsTests
{
    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        await using PluginHarness harness = PluginHarness.Corefile("""
            example.org {
                whoamy
                route53
            }
            quic://example.net {
                whoami loudly
            }
            example.org:0 {
                whoami
            }
            """);
        Assert.False(harness.IsAccepted);
        Assert.Collection(
            harness.Diagnostics.Items.OrderBy(i => i.Span.Line).Select(i => i.ToString()),
            l => Assert.Equal("Corefile:2:5: error: unknown directive 'whoamy'; did you mean 'whoami'?", l),
            l => Assert.Equal("Corefile:3:5: error: CoreDNS's plugin 'route53' is not part of MiniDns yet", l),
            l => Assert.Equal("Corefile:5:1: error: quic:// is not served yet; 'dns://', 'tls://', 'https://' and keys without a scheme are", l),
            l => Assert.StartsWith("Corefile:6:12: error: whoami: ", l, StringComparison.Ordinal),
            l => Assert.Equal("Corefile:8:1: error: cannot serve dns://example.org.:0: it is already defined at Corefile:1:1", l));
    }

    [Theory]
    [InlineData("bind ::", "bind ::", false)]
    [InlineData("bind ::", "whoami", false)]
    [InlineData("bind 127.0.0.1", "bind 127.0.0.2", true)]
    [InlineData("bind 127.0.0.1", "whoami", true)]
    public async Task A_zone_may_stand_once_at_an_address(string first, string second, bool isAccepted)
    {
        await using PluginHarness harness = PluginHarness.Corefile($"example.org:0 {{\n{first}\n}}\nexample.org:0 {{\n{second}\n}}\n");
        Assert.Equal(isAccepted, harness.IsAccepted);
    }

    [Fact]
    public async Task A_callback_for_the_server_runs_when_every_block_is_wired()
    {
        List<string> calls = [];
        await using PluginHarness harness = PluginHarness.Corefile("a.:0 {\ncallbacks\n}\nb.:0 {\ncallbacks\n}\n", plugins: [new Callbacks(calls)]);
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.Equal(["block", "block", "server", "server"], calls);
    }

    private sealed class Callbacks(List<string> calls) : IDnsPlugin
    {
        public string Name => "callbacks";

        public void Setup(PluginSetup setup)
        {
            setup.WhenServerWired(_ => calls.Add("server"));
            setup.WhenWired(_ => calls.Add("block"));
        }
    }
}
