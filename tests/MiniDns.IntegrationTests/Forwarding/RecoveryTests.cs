using System.Text.Json;
using MiniDns.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>All upstreams die, clients get what is known from before, and what is new as soon as an upstream is back. Figures are printed.</summary>
public sealed class RecoveryTests(ForwardingHosts hosts, ITestOutputHelper output) : IClassFixture<ForwardingHosts>
{
    // The pause after a failed refresh is 30 s: who waits for its end does not count as recovered.
    private const int WellBeforeTheRecheck = 15_000;

    [Theory]
    [InlineData("refusing", "192.0.2.101")]
    [InlineData("silent", "192.0.2.102")]
    public async Task Rfc8767_stale_answers_while_all_upstreams_are_dead_and_new_ones_when_they_are_back(string how, string address)
    {
        await using var client = new RunningProgram(
            Path.GetTempPath(),
            [.. hosts.Server.Exec, ForwardingHosts.Python, ForwardingHosts.Script("recovery_client.py"), "10.88.1.5", "10.88.2.11", "10.88.2.12", "10.88.2.13", "--", "100"]);
        await client.LineAsync(l => l == "began");

        // A host that sends nothing back does not say either that nobody listens.
        if (how == "silent")
        {
            await hosts.Upstream.IpAsync("route add blackhole 10.88.2.1/32");
        }

        await hosts.KillUnboundsAsync();
        await client.LineAsync(l => l == "stale");
        hosts.StartUnbounds(address);
        if (how == "silent")
        {
            await Eventually.TrueAsync(
                async () => (await hosts.Upstream.RunAsync("kdig", "@10.88.2.11", "-b", "10.88.2.11", "+short", "x.stale.test")).Output.Trim() == address,
                () => hosts.Unbounds[0].Transcript);
            await hosts.Upstream.IpAsync("route delete blackhole 10.88.2.1/32");
        }

        Assert.True(await client.ExitAsync() == 0, client.Transcript);
        string line = client.Output.All[^1];
        output.WriteLine($"{how}: {line}");
        using JsonDocument result = JsonDocument.Parse(line);
        int Figure(string name) => result.RootElement.GetProperty(name).GetInt32();
        Assert.True(Figure("stale") > 0);
        Assert.Equal(0, Figure("failed"));
        Assert.Equal(0, Figure("missed"));
        Assert.True(Figure("last old") < WellBeforeTheRecheck, line);
    }
}
