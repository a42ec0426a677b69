using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>Reloads and a stop under load, by the script that everybody may run with larger numbers.</summary>
public sealed class LoadTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    [Fact]
    public async Task Nothing_is_lost_when_configurations_change_under_load()
    {
        ToolResult result = await host.Network.RunAsync(
            "/usr/bin/python3", Repository.PathOf("tests", "bench", "reloads.py"), "--reloads", "64", "--rate", "1000", "--connections", "20",
            "--server", Repository.DotnetHost, Repository.ServerAssembly);
        result.Succeeded();
        Assert.Contains("0 wrong, 0 lost", result.Output, StringComparison.Ordinal);
    }
}
