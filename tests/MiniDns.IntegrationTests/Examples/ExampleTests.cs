using MiniDns.IntegrationTests.Support;
using MiniDns.Plugins;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>What people copy works.</summary>
public sealed class ExampleTests(ExampleHost host) : IClassFixture<ExampleHost>
{
    public static TheoryData<string> Places => [.. CorefileExample.All.Select(e => e.Place)];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task The_example_starts(string place)
    {
        string text = CorefileExample.All.Single(e => e.Place == place).Text;
        await using ServerProcess server = await ServerProcess.StartAsync(host.Directory, text, [.. host.Network.Exec]);
        Assert.NotEmpty(server.Addresses);
        await server.SignalAsync("KILL");
        await server.ExitAsync();

        // Warnings about the Corefile name a place in it; others are about servers that are not there.
        Assert.DoesNotContain(server.Output.All, l => l.StartsWith("[WARNING]", StringComparison.Ordinal) && l.Contains("/Corefile:", StringComparison.Ordinal));
        Assert.Empty(server.Error.All);
    }

    [Fact]
    public void Every_plugin_has_an_example()
    {
        // A folder has its plugin's name, without underscores.
        IEnumerable<string> without = PluginOrder.All
            .Select(p => p.Name)
            .Where(name => !CorefileExample.All.Any(e => e.Place.StartsWith($"plugins/{name.Replace("_", "", StringComparison.Ordinal)}/README.md", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal([], without);
    }
}
