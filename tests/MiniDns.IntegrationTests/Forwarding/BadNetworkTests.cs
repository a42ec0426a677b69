using System.Text.Json;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>Networks that lose, spoil and break, and somebody who sends answers in an upstream's name: every answer is right. Figures are printed.</summary>
public sealed partial class BadNetworkTests(BadNetworkHosts hosts, ITestOutputHelper output) : IClassFixture<BadNetworkHosts>
{
    private const string Forged = "203.0.113.66";

    [Theory]
    [InlineData("10.89.1.2", "h")]
    [InlineData("10.89.1.3", "one")]
    public async Task Loss_delay_reordering_repetition_damage_and_resets_leave_every_answer_right(string server, string prefix)
    {
        await AssertAllRightAsync(server, rate: 200, BadNetworkHosts.Names, prefix);
        foreach (RunningProgram link in hosts.BadLinks)
        {
            output.WriteLine(link.Output.All[^1]);
        }

        // The link was as bad as it says.
        using JsonDocument done = JsonDocument.Parse(hosts.BadLinks[0].Output.All[^1]);
        Assert.All(done.RootElement.EnumerateObject(), p => Assert.True(p.Value.GetInt32() > 0, p.Name));
    }

    [Fact]
    public async Task Rfc5452_of_all_that_a_spoofer_sends_nothing_is_believed()
    {
        const int Count = 300;

        // The upstream is known by then: it keeps the case of names and sends cookies.
        await AssertAllRightAsync("10.89.1.4", rate: 50, 20, "h");
        await using var spoofer = new RunningProgram(
            Path.GetTempPath(), [.. hosts.Upstream.Exec, ForwardingHosts.Python, ForwardingHosts.Script("spoofer.py"), "wan", "10.89.2.31"]);
        await spoofer.LineAsync(l => l == "ready");
        await AssertAllRightAsync("10.89.1.4", rate: 50, Count, "forged");
        await AssertAllRightAsync("10.89.1.4", rate: 50, 100, "rich");
        for (int i = 0; i < 5; i++)
        {
            // Only who sees the questions can do that, and the spoofer is fast enough for it.
            Assert.Equal(Forged, (await hosts.DigAsync("@10.89.1.4", "+short", $"control{i}.load.test")).Trim());
        }

        await Eventually.TrueAsync(() => spoofer.Output.All[^1].Contains("\"right\": 5", StringComparison.Ordinal), () => spoofer.Transcript);
        string sent = spoofer.Output.All[^1];
        output.WriteLine(sent);
        using JsonDocument kinds = JsonDocument.Parse(sent);
        Assert.Equal(14, kinds.RootElement.EnumerateObject().Count(p => p.Value.GetInt32() > 0));
        await spoofer.SignalAsync("KILL");
        await spoofer.ExitAsync();

        // Neither is any of it in the cache, nor what came along with answers that were right.
        await AssertAllRightAsync("10.89.1.4", rate: 100, Count, "forged");
        Assert.Equal("192.0.2.80", (await hosts.DigAsync("@10.89.1.4", "+short", "www.bank.test")).Trim());
        string rich = await hosts.DigAsync("@10.89.1.4", "rich7.load.test");
        Assert.Contains("10.0.0.7", rich, StringComparison.Ordinal);
        Assert.DoesNotContain("bank", rich, StringComparison.Ordinal);
        string[] counters = [.. (await hosts.PageAsync("http://10.89.1.4:9153/metrics")).Split('\n').Where(l => Counter().IsMatch(l))];
        output.WriteLine(string.Join('\n', counters));
        Assert.Contains(counters, c => c.Contains("ignored_answers", StringComparison.Ordinal));
        Assert.Contains(counters, c => c.Contains("reason=\"case\"", StringComparison.Ordinal));
        Assert.Contains(counters, c => c.Contains("reason=\"cookie\"", StringComparison.Ordinal));
        Assert.Contains(counters, c => c.Contains("scrubbed_records", StringComparison.Ordinal));
    }

    private async Task AssertAllRightAsync(string server, int rate, int count, string prefix)
    {
        string line = await hosts.AskAsync(server, rate, count, prefix);
        output.WriteLine($"{prefix} by {server}: {line}");
        using JsonDocument result = JsonDocument.Parse(line);
        Assert.True(result.RootElement.GetProperty("right").GetInt32() == count, line);
    }

    [GeneratedRegex("^minidns_forward_(?:ignored_answers|doubted_answers|scrubbed_records)_total.*31:53.* [1-9]|^minidns_forward_scrubbed.* [1-9]", RegexOptions.CultureInvariant)]
    private static partial Regex Counter();
}
