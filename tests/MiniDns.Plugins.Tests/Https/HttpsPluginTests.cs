using MiniDns.Plugins.Https;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Https;

public sealed class HttpsPluginTests
{
    [Theory]
    [InlineData("https", null)]
    [InlineData("https {\n}", null)]
    [InlineData("https {\n max_connections 100\n}", 100)]
    [InlineData("https {\n max_connections 0\n}", 0)]
    public async Task The_limit_is_set(string lines, int? most)
    {
        var seen = new EndpointSpy();
        await using PluginHarness harness = PluginHarness.Corefile($"https://.:0 {{\ntls off\n{lines}\nspy\n}}\n", plugins: [.. PluginOrder.All, seen]);
        Assert.Empty(harness.Diagnostics.Items);
        Assert.Equal(most, seen.Options!.MaxHttpsConnections);
    }

    [Theory]
    [InlineData("https 100", "3:7: error: https: takes no arguments")]
    [InlineData("https {\n max_connections\n}", "4:2: error: https: max_connections: ")]
    [InlineData("https {\n max_connections -1\n}", "4:18: error: https: max_connections: '-1' is not")]
    [InlineData("https {\n max_connections many\n}", "4:18: error: https: max_connections: 'many' is not")]
    [InlineData("https {\n max_connections 1\n max_connections 2\n}", "5:2: error: https: max_connections: given already")]
    [InlineData("https {\n max_streams 1\n}", "4:2: error: https: unknown property 'max_streams'")]
    [InlineData("https\nhttps", "4:1: error: https: may be used once in a server block")]
    public async Task What_is_wrong_is_said(string lines, string error)
    {
        await using PluginHarness harness = PluginHarness.Corefile($"https://.:0 {{\ntls off\n{lines}\n}}\n");
        Assert.StartsWith("Corefile:" + error, harness.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', harness.Errors);
    }

    [Fact]
    public async Task Where_nothing_is_served_over_HTTPS_it_means_nothing()
    {
        await using PluginHarness harness = PluginHarness.Stanza("https\nwhoami");
        Assert.True(harness.IsAccepted);
        Assert.Equal("Corefile:2:1: warning: https: no key of this block begins with 'https://', so this has no effect", Assert.Single(harness.Diagnostics.Items).ToString());
    }

    private sealed class EndpointSpy : IDnsPlugin
    {
        public string Name => "spy";

        public EndpointOptions? Options { get; private set; }

        public void Setup(PluginSetup setup) => Options = setup.Endpoint;
    }
}
