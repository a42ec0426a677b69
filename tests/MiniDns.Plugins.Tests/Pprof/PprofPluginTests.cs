using System.Net;
using System.Text.Json;
using MiniDns.Plugins.Pprof;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Pprof;

public sealed class PprofPluginTests
{
    [Theory]
    [InlineData("pprof", "127.0.0.1:6053")]
    [InlineData("pprof :1234", "[::]:1234")]
    [InlineData("pprof 192.0.2.1:6060", "192.0.2.1:6060")]
    [InlineData("pprof {\n}", "127.0.0.1:6053")]
    public void The_pages_are_served_at_the_address(string lines, string address)
    {
        SnippetSetup setup = SnippetSetup.Run(new PprofPlugin(), lines);
        Assert.Empty(setup.Errors);
        Assert.Empty(setup.Warnings);
        Assert.All(setup.Pages, p => Assert.Equal(IPEndPoint.Parse(address), p.Address));
        Assert.Contains(setup.Pages, p => p.Path == "/debug/pprof/");
        Assert.Contains(setup.Pages, p => p.Path == "/diag");
    }

    [Theory]
    [InlineData("pprof :1234 {\nblock 20\n}", 20)]
    [InlineData("pprof {\nblock\n}", 1)]
    public void Blocks_are_counted_anyway(string lines, int rate)
    {
        SnippetSetup setup = SnippetSetup.Run(new PprofPlugin(), lines);
        Assert.Empty(setup.Errors);
        Assert.EndsWith($"block: has no effect: waits for locks are counted always, not sampled at a rate of {rate}", Assert.Single(setup.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pprof :1234 -1", "2:13: pprof: '-1' is one argument too many")]
    [InlineData("pprof /foo", "2:7: pprof: '/foo' is not an address to listen on such as :8080, localhost:8080 or [::1]:8080")]
    [InlineData("pprof {\na b\n}", "3:1: pprof: unknown property 'a'; known are: block")]
    [InlineData("pprof {\nblock 20 30\n}", "3:10: pprof: block: '30' is one argument too many")]
    [InlineData("pprof {\nblock invalid\n}", "3:7: pprof: block: 'invalid' is not a whole number of at least -2147483648")]
    [InlineData("pprof\npprof", "3:1: pprof: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, string error) => Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new PprofPlugin(), lines).Errors);

    [Fact]
    public async Task Memory_names_what_knows_its_size_and_the_zones()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "@ 60 SOA ns1 admin 7 7200 3600 1209600 300\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n");
            await using PluginHarness server = await PluginHarness.Stanza($"pprof\ncache\nfile {file} example.org").StartAsync();
            server.Metrics.Gauge("minidns_something_bytes", "Something large.", () => 1L << 40, ("kind", "large"));
            using JsonDocument page = JsonDocument.Parse(await PageAsync(server, "/debug/pprof/memory", "?json"));
            JsonElement[] ours = [.. page.RootElement.GetProperty("ours, the largest first").EnumerateArray()];
            Assert.Equal(["all of these", "minidns_something"], ours.Take(2).Select(r => r.GetProperty("name").GetString()));
            Assert.Equal("kind=large", ours[1].GetProperty("note").GetString());
            Assert.True(ours[0].GetProperty("value").GetDouble() > 1L << 40);
            Assert.Contains(ours, r => r.GetProperty("name").GetString() == "zone" && r.GetProperty("note").GetString() == "example.org. 2 names, serial 7" && r.GetProperty("value").GetDouble() > 0);
            Assert.Contains(ours, r => r.GetProperty("name").GetString() == "minidns_cache");
            Assert.Contains("1024.00 GiB  minidns_something  kind=large", await PageAsync(server, "/debug/pprof/memory", ""), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Counters_are_measured_for_as_long_as_asked()
    {
        await using PluginHarness server = PluginHarness.Stanza("pprof\nwhoami");
        Task<string> page = PageAsync(server, "/debug/pprof/counters", "?json&seconds=5");
        Assert.False(page.IsCompleted);
        server.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(page.IsCompleted);
        server.Time.Advance(TimeSpan.FromSeconds(0.2));
        using JsonDocument counters = JsonDocument.Parse(await page.WaitAsync(TimeSpan.FromSeconds(30)));
        JsonElement allocated = counters.RootElement.GetProperty("since the start").EnumerateArray().Single(r => r.GetProperty("name").GetString() == "allocated");
        Assert.True(allocated.GetProperty("value").GetDouble() > 0);
        Assert.Equal("octets", allocated.GetProperty("unit").GetString());
    }

    [Fact]
    public async Task A_long_measurement_has_an_end_and_may_be_given_up()
    {
        await using PluginHarness server = PluginHarness.Stanza("pprof\nwhoami");
        Task<string> page = PageAsync(server, "/debug/pprof/counters", "?seconds=100000");
        server.Time.Advance(TimeSpan.FromSeconds(31));
        await page.WaitAsync(TimeSpan.FromSeconds(30));
        using var gone = new CancellationTokenSource();
        HttpSideEndpoint counters = server.Pages.Single(p => p.Path == "/debug/pprof/counters");
        ValueTask<HttpSideReply> reply = counters.GetAsync("", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reply);
    }

    [Fact]
    public async Task Threads_have_their_names()
    {
        using var gate = new ManualResetEventSlim();
        var thread = new Thread(gate.Wait) { Name = "odd) name (", IsBackground = true };
        thread.Start();
        await using PluginHarness server = PluginHarness.Stanza("pprof\nwhoami");
        string page = "";
        for (int i = 0; i < 3000 && !page.Contains("odd) name (  waits", StringComparison.Ordinal); i++)
        {
            await Task.Delay(5);
            page = await PageAsync(server, "/debug/pprof/threads", "");
        }

        gate.Set();
        Assert.Matches(@"\d s  odd\) name \(  waits, id \d+", page);
    }

    [Fact]
    public async Task Hints_name_the_process_and_its_event_pipe()
    {
        await using PluginHarness server = PluginHarness.Stanza("pprof\nwhoami");
        string page = await PageAsync(server, "/debug/pprof/trace", "");
        Assert.Contains($"dotnet-trace collect -p {Environment.ProcessId} ", page, StringComparison.Ordinal);
        Assert.Matches($@"dotnet-diagnostic-{Environment.ProcessId}-\d+-socket|none", page);
    }

    private static async Task<string> PageAsync(PluginHarness server, string path, string query) =>
        (await server.Pages.Single(p => p.Path == path).GetAsync(query, CancellationToken.None)).Body;
}
