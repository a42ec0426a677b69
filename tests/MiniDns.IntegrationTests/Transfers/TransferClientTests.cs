using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>Transfers as dig and kdig ask for them.</summary>
public sealed class TransferClientTests
{
    [Fact]
    public async Task Dig_and_kdig_get_zones_and_differences()
    {
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: "127.0.0.1", seed: 77);
        IReadOnlyList<string> first = await primary.RecordsAsync("127.0.0.1");
        Assert.Equal(2, first.Count(l => l.Contains(" SOA ", StringComparison.Ordinal)));

        primary.Change();
        await primary.HasNewestAsync("127.0.0.1", () => "");
        IReadOnlyList<string> second = await primary.RecordsAsync("127.0.0.1");

        foreach (string[] command in (string[][])[["dig", "@127.0.0.1", "+tcp"], ["kdig", "@127.0.0.1", "+tcp"], ["dig", "@127.0.0.1", "+notcp"], ["kdig", "@127.0.0.1", "+notcp"]])
        {
            string[] more = command[0] == "dig" ? ["+noall", "+answer", ChangingZone.Origin, "ixfr=1"] : ["+noall", "+answer", ChangingZone.Origin, "IXFR=1"];
            IReadOnlyList<string> sent = [.. (await primary.Network.RunAsync(command[0], [.. command[1..], .. more])).Succeeded().Lines
                .Where(l => l.Length > 0 && l[0] != ';').Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
            Assert.Equal(["2", "1", "2", "2"], sent.Where(l => l.Contains(" SOA ", StringComparison.Ordinal)).Select(l => l.Split(' ')[6]));
            int old = Find(sent, "1", 0);
            int now = Find(sent, "2", old);
            Assert.Equal(
                [.. first.Except(second).Where(l => !l.Contains(" SOA ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
                [.. sent.Take(now).Skip(old + 1).Order(StringComparer.Ordinal)]);
            Assert.Equal(
                [.. second.Except(first).Where(l => !l.Contains(" SOA ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
                [.. sent.SkipLast(1).Skip(now + 1).Order(StringComparer.Ordinal)]);
        }
    }

    [Fact]
    public async Task Who_is_not_listed_is_refused()
    {
        await using PrimaryHost primary = await PrimaryHost.StartAsync(to: "127.0.0.2", seed: 78);
        foreach (string type in (string[])["AXFR", "IXFR=1"])
        {
            ToolResult result = await primary.Network.RunAsync("kdig", "@127.0.0.1", "+tcp", ChangingZone.Origin, type);
            Assert.Contains("REFUSED", result.Output + result.Error, StringComparison.Ordinal);
        }

        Assert.Equal("NOERROR", DigReply.Parse(await primary.Network.RunAsync("dig", "@127.0.0.1", ChangingZone.Origin, "SOA")).Code);
    }

    private static int Find(IReadOnlyList<string> lines, string serial, int from)
    {
        for (int i = from; i < lines.Count; i++)
        {
            string[] words = lines[i].Split(' ');
            if (words[3] == "SOA" && words[6] == serial)
            {
                return i;
            }
        }

        return -1;
    }
}
