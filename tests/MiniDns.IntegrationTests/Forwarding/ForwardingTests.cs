using System.Text.Json;
using MiniDns.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>Bad days of upstreams, as clients see them. Figures are printed, not asserted.</summary>
public sealed class ForwardingTests(ForwardingHosts hosts, ITestOutputHelper output) : IClassFixture<ForwardingHosts>
{
    [Fact]
    public async Task One_of_three_upstreams_dies_under_load_and_no_client_notices()
    {
        await using RunningProgram load = hosts.Load("10.88.1.1", rate: 5000, seconds: 8);
        await load.LineAsync(l => l == "2");
        await hosts.Unbounds[1].SignalAsync("STOP");
        try
        {
            await hosts.MiniDns!.LineAsync(l => l.Contains("10.88.2.12:53 does not answer", StringComparison.Ordinal));
            await load.LineAsync(l => l == "5");
        }
        finally
        {
            await hosts.Unbounds[1].SignalAsync("CONT");
        }

        await AssertAllAnsweredAsync(load);
        await hosts.MiniDns!.LineAsync(l => l.Contains("10.88.2.12:53 answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_upstreams_die_and_come_back()
    {
        foreach (RunningProgram unbound in hosts.Unbounds)
        {
            await unbound.SignalAsync("STOP");
        }

        try
        {
            await using RunningProgram load = hosts.Load("10.88.1.1", rate: 100, seconds: 3);
            Assert.Equal(0, await load.ExitAsync());
            output.WriteLine(load.Output.All[^1]);
        }
        finally
        {
            foreach (RunningProgram unbound in hosts.Unbounds)
            {
                await unbound.SignalAsync("CONT");
            }
        }

        await using RunningProgram after = hosts.Load("10.88.1.1", rate: 500, seconds: 2);
        await AssertAllAnsweredAsync(after);
    }

    private async Task AssertAllAnsweredAsync(RunningProgram load)
    {
        Assert.Equal(0, await load.ExitAsync());
        string line = load.Output.All[^1];
        output.WriteLine(line);
        using JsonDocument result = JsonDocument.Parse(line);
        JsonElement root = result.RootElement;
        int sent = root.GetProperty("sent").GetInt32();
        JsonProperty code = Assert.Single(root.GetProperty("codes").EnumerateObject().ToArray());
        Assert.Equal("0", code.Name);
        Assert.Equal(sent, code.Value.GetInt32());
        Assert.Equal(0, root.GetProperty("lost").GetInt32());
        Assert.Equal(0, root.GetProperty("wrong").GetInt32());
        Assert.Equal(0, root.GetProperty("unasked").GetInt32());
    }
}
