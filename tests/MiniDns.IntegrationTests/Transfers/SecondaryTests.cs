using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>MiniDns as the primary of the secondaries that people run.</summary>
public sealed class SecondaryTests
{
    [Theory]
    [InlineData("knot", null, 100)]
    [InlineData("nsd", null, 100)]
    [InlineData("bind", null, 100)]
    [InlineData("knot", "hmac-sha256", 100)]
    [InlineData("nsd", "hmac-sha256", 100)]
    [InlineData("bind", "hmac-sha256", 100)]
    [InlineData("knot", "hmac-sha384", 10)]
    [InlineData("nsd", "hmac-sha512", 10)]
    [InlineData("bind", "hmac-sha1", 10)]
    [InlineData("bind", "hmac-sha256-128", 10)]
    public async Task After_many_changes_a_secondary_has_the_same_zone(string make, string? algorithm, int changes)
    {
        string address = Secondary.AddressOf(make);
        TransferKey? key = algorithm is null ? null : new TransferKey(algorithm);
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: address, seed: make.Length, key);
        await using RunningProgram secondary = Secondary.Start(make, primary, key);
        await primary.HasNewestAsync(address, () => secondary.Transcript);
        Assert.Equal(await RecordsOfPrimaryAsync(primary, address, key), await primary.RecordsAsync(address));
        Assert.Contains(primary.Server.Output.All, l => l.Contains("sent AXFR", StringComparison.Ordinal));

        for (int i = 1; i <= changes; i++)
        {
            primary.Change();
            await primary.HasNewestAsync("127.0.0.1", () => secondary.Transcript);
            if (i % (changes / 10) == 0)
            {
                // Only a notification can make it ask: it refreshes after an hour. With a key, one without signature would not.
                await primary.HasNewestAsync(address, () => secondary.Transcript);
            }
        }

        Assert.Equal(await RecordsOfPrimaryAsync(primary, address, key), await primary.RecordsAsync(address));
        Assert.True(primary.Server.Output.All.Count(l => l.Contains("sent IXFR", StringComparison.Ordinal)) >= 10, primary.Server.Transcript);
        Assert.DoesNotContain(primary.Server.Output.All, l => l.Contains("[ERROR]", StringComparison.Ordinal) || l.Contains("[WARNING]", StringComparison.Ordinal));
        if (key is not null)
        {
            ToolResult unsigned = await primary.Network.RunAsync("dig", "-b", address, "@127.0.0.1", ChangingZone.Origin, "AXFR");
            Assert.Contains("Transfer failed", unsigned.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("bind")]
    public async Task Rfc8945_5_3_1_A_signed_zone_transfer_of_many_messages_is_believed(string make)
    {
        string address = Secondary.AddressOf(make);
        var key = new TransferKey("hmac-sha256");
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: address, seed: 9, key, hosts: 20_000);
        await using RunningProgram secondary = Secondary.Start(make, primary, key);
        await primary.HasNewestAsync(address, () => secondary.Transcript);
        string sent = primary.Server.Output.All.First(l => l.Contains("sent AXFR", StringComparison.Ordinal));
        Assert.DoesNotContain(" in 1 messages", sent, StringComparison.Ordinal);
        Assert.Equal(await RecordsOfPrimaryAsync(primary, address, key), await primary.RecordsAsync(address));
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("bind")]
    public async Task With_another_secret_a_secondary_gets_nothing_and_we_say_why_it_is_not_notified(string make)
    {
        string address = Secondary.AddressOf(make);
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: address, seed: 5, new TransferKey("hmac-sha256"));
        await using RunningProgram secondary = Secondary.Start(make, primary, new TransferKey("hmac-sha512"));
        await Eventually.TrueAsync(
            async () =>
            {
                // The first notification may have come before the secondary listened.
                primary.Change();
                await primary.HasNewestAsync("127.0.0.1", () => secondary.Transcript);
                return primary.Server.Output.All.Any(l => l.Contains($"{address}:53 did not take the notification: it answers ", StringComparison.Ordinal));
            },
            () => primary.Server.Transcript + secondary.Transcript);
        Assert.DoesNotContain(primary.Server.Output.All, l => l.Contains("sent ", StringComparison.Ordinal));
        ToolResult reply = await primary.Network.RunAsync("dig", "@" + address, "+noall", "+comments", ChangingZone.Origin, "SOA");
        Assert.Contains("SERVFAIL", reply.Output, StringComparison.Ordinal);
    }

    /// <summary>The primary gives the zone to the secondary's address alone.</summary>
    private static async Task<IReadOnlyList<string>> RecordsOfPrimaryAsync(PrimaryHost primary, string from, TransferKey? key)
    {
        IReadOnlyList<string> lines = (await primary.Network.RunAsync("dig", ["-b", from, "@127.0.0.1", "+noall", "+answer", .. key?.Arguments ?? [], ChangingZone.Origin, "AXFR"])).Succeeded().Lines;
        return [.. lines.Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(l => !l.Contains(" ANY TSIG ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }
}
