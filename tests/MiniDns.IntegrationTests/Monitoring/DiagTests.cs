using System.Text.Json;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Monitoring;

/// <summary>The pages of pprof, and what is counted when there is too much, of a server under load.</summary>
public sealed class DiagTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    [Fact]
    public async Task The_pages_tell_of_a_server_under_load()
    {
        host.Directory.Write("db", "@ 60 SOA ns1 admin 7 7200 3600 1209600 300\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n* 60 A 192.0.2.2\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Directory, """
            example.org {
                bind 127.0.0.1
                pprof
                cache
                file db
            }
            """, [.. host.Network.Exec]);
        string names = host.Directory.Write("names", string.Concat(Enumerable.Range(0, 1000).Select(i => $"n{i}.example.org A\n")));
        Task<ToolResult> load = host.Network.RunAsync("dnsperf", "-s", "127.0.0.1", "-d", names, "-l", "4", "-c", "4", "-q", "100");
        using JsonDocument diag = JsonDocument.Parse((await host.Network.RunAsync("curl", "-sf", "http://127.0.0.1:6053/diag?json&seconds=2")).Succeeded().Output);
        (await load).Succeeded();
        Assert.True(Value(diag, "a second", "messages received") > 100, diag.RootElement.ToString());
        Assert.True(Value(diag, "a second", "processor time") > 0);
        Assert.True(Value(diag, "process", "in RAM") > 10 << 20);
        Assert.True(Value(diag, "ours, the largest first", "zone") > 0);
        Assert.True(Value(diag, "ours, the largest first", "minidns_udp_buffers") > 32 * 2048);
        Assert.True(Value(diag, "ours, the largest first", "minidns_cache") > 0);
        Assert.Contains(diag.RootElement.GetProperty("threads, by processor time").EnumerateArray(), t => t.GetProperty("name").GetString()!.StartsWith("udp 127.0.0.1", StringComparison.Ordinal));
        foreach ((string page, string text) in ((string, string)[])[("debug/pprof/", "threads of the process"), ("debug/pprof/memory", "minidns_udp_buffers  address=127.0.0.1:53"), ("diag", "dotnet-trace collect -p ")])
        {
            Assert.Contains(text, (await host.Network.RunAsync("curl", "-sf", "http://127.0.0.1:6053/" + page)).Succeeded().Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_shed_is_counted_and_the_rest_is_answered()
    {
        // An interface that swallows what is sent: an upstream that never answers.
        await host.Network.IpAsync("link add hole type veth peer name hole-peer");
        await host.Network.AddAddressAsync("198.51.100.1/24", "hole");
        await host.Network.IpAsync("link set hole up");
        await host.Network.IpAsync("link set hole-peer up");
        await host.Network.IpAsync("neigh add 198.51.100.53 lladdr 02:00:00:00:00:01 dev hole");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Directory, """
            .:5300 {
                bind 127.0.0.1
                shed
                prometheus
                overload 64
                hosts /dev/null {
                    192.0.2.1 www.example
                    fallthrough
                }
                forward . 198.51.100.53
            }
            """, [.. host.Network.Exec]);
        string names = host.Directory.Write("lost", string.Concat(Enumerable.Range(0, 2000).Select(i => $"n{i}.example.net A\n")));
        Task<ToolResult> load = host.Network.RunAsync("dnsperf", "-s", "127.0.0.1", "-p", "5300", "-d", names, "-n", "1", "-c", "2", "-q", "2000", "-t", "1");
        await Eventually.TrueAsync(async () => await ShedAsync() > 100, () => server.Transcript);
        Assert.Equal("192.0.2.1\n", (await host.Network.RunAsync("dig", "@127.0.0.1", "-p", "5300", "+short", "+tries=3", "+time=2", "www.example")).Output);
        await load;

        async Task<double> ShedAsync()
        {
            string page = (await host.Network.RunAsync("curl", "-s", "http://127.0.0.1:9153/metrics")).Output;
            return page.Split('\n').Where(l => l.StartsWith("""coredns_shed_dropped_total{server="dns://127.0.0.1:5300",reason=""", StringComparison.Ordinal)).Sum(l => double.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static double Value(JsonDocument diag, string section, string name) =>
        diag.RootElement.GetProperty(section).EnumerateArray().First(r => r.GetProperty("name").GetString() == name).GetProperty("value").GetDouble();
}
