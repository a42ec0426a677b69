using MiniDns.Plugins.Shed;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Shed;

public sealed class ShedPluginTests
{
    [Fact]
    public void It_switches_the_count_on()
    {
        SnippetSetup setup = SnippetSetup.Run(new ShedPlugin(), "shed");
        Assert.Empty(setup.Errors);
        Assert.True(setup.Endpoint.CountsShed);
    }

    [Theory]
    [InlineData("shed extra", "2:6: shed: takes no arguments, but has 'extra'")]
    [InlineData("shed {\ndepth 10\n}", "2:1: shed: takes no block in braces")]
    [InlineData("shed\nshed", "3:1: shed: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, string error) => Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new ShedPlugin(), lines).Errors);

    [Theory]
    [InlineData("tls")]
    [InlineData("https")]
    [InlineData("grpc")]
    [InlineData("quic")]
    public void It_is_for_plain_DNS(string scheme)
    {
        PluginHarness server = PluginHarness.Corefile($"{scheme}://. . {{\nshed\nwhoami\n}}\n");
        Assert.Contains($"Corefile:2:1: error: shed: is for plain DNS over UDP, and a key of the block is {scheme}://", server.Errors, StringComparison.Ordinal);
    }
}
