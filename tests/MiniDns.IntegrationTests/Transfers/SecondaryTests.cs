using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>MiniDns as the primary of the secondaries that people run.</summary>
public sealed class SecondaryTests
{
    [Theory]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("bind")]
    public async Task After_a_hundred_changes_a_secondary_has_the_same_zone(string make)
    {
        string address = Secondary.AddressOf(make);
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: address, seed: make.Length);
        await using RunningProgram secondary = Secondary.Start(make, primary);
        await primary.HasNewestAsync(address, () => secondary.Transcript);
        Assert.Equal(await RecordsOfPrimaryAsync(primary, address), await primary.RecordsAsync(address));
        Assert.Contains(primary.Server.Output.All, l => l.Contains("sent AXFR", StringComparison.Ordinal));

        for (int i = 1; i <= 100; i++)
        {
            primary.Change();
            await primary.HasNewestAsync("127.0.0.1", () => secondary.Transcript);
            if (i % 10 == 0)
            {
                // Only a notification can make it ask: it refreshes after an hour.
                await primary.HasNewestAsync(address, () => secondary.Transcript);
            }
        }

        Assert.Equal(await RecordsOfPrimaryAsync(primary, address), await primary.RecordsAsync(address));
        Assert.True(primary.Server.Output.All.Count(l => l.Contains("sent IXFR", StringComparison.Ordinal)) >= 10, primary.Server.Transcript);
        Assert.DoesNotContain(primary.Server.Output.All, l => l.Contains("[ERROR]", StringComparison.Ordinal) || l.Contains("[WARNING]", StringComparison.Ordinal));
    }

    /// <summary>The primary gives the zone to the secondary's address alone.</summary>
    private static async Task<IReadOnlyList<string>> RecordsOfPrimaryAsync(PrimaryHost primary, string from)
    {
        IReadOnlyList<string> lines = (await primary.Network.RunAsync("dig", "-b", from, "@127.0.0.1", "+noall", "+answer", ChangingZone.Origin, "AXFR")).Succeeded().Lines;
        return [.. lines.Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Order(StringComparer.Ordinal)];
    }
}
