using MiniDns.IntegrationTests.Kubernetes;
using MiniDns.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>Far more queries than can be answered while nobody answers behind: the oldest are dropped, memory stays as it is.</summary>
public sealed class OverloadTests(ITestOutputHelper output)
{
    private const int Seconds = 15;
    private const int Rate = 40_000;

    [Fact]
    public async Task Memory_is_flat_while_all_upstreams_are_silent_and_what_is_known_is_answered()
    {
        using var directory = new TestDirectory();
        await using NetworkNamespace host = await NetworkNamespace.CreateAsync("flooded");
        await using var silent = new RunningProgram(
            directory.Path,
            [
                .. host.Exec, ForwardingHosts.Python, "-uc",
                "import socket, time; s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]; [s[i].bind((f'127.0.2.{i}', 53)) for i in range(3)]; print('ready'); time.sleep(600)",
            ]);
        await silent.LineAsync(l => l == "ready");

        // A small budget for new objects: the collector comes often, and what grows is not just what it has not yet seen.
        await using ServerProcess server = await ServerProcess.StartAsync(directory, """
            .:53 {
                bind 127.0.0.1
                prometheus 127.0.0.1:9153
                overload 4000
                hosts {
                    192.0.2.7 known.test
                    fallthrough
                }
                forward . 127.0.2.0 127.0.2.1 127.0.2.2
            }
            """, [.. host.Exec, "env", "DOTNET_GCgen0size=0x400000"]);
        await using var flood = new RunningProgram(directory.Path, [.. host.Exec, ForwardingHosts.Python, ForwardingHosts.Script("flood.py"), "127.0.0.1", $"{Rate}", $"{Seconds}"]);
        var resident = new List<long>();
        for (int second = 1; second <= Seconds; second++)
        {
            await flood.LineAsync(l => l == $"{second}");
            resident.Add(ProcessFigures.Resident(server.Id) >> 20);
        }

        await flood.LineAsync(l => l.StartsWith("sent ", StringComparison.Ordinal));
        output.WriteLine($"{flood.Output.All[^1]} in {Seconds} s; resident MiB by second: {string.Join(' ', resident)}");
        Assert.Contains("192.0.2.7", (await host.RunAsync("kdig", "@127.0.0.1", "+retry=20", "known.test")).Output, StringComparison.Ordinal);
        string page = (await host.RunAsync(ForwardingHosts.Python, "-c", "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9153/metrics').read().decode())")).Output;
        string[] drops = [.. page.Split('\n').Where(l => l.StartsWith("minidns_overload_drops_total", StringComparison.Ordinal))];
        output.WriteLine(string.Join('\n', drops));
        Assert.Contains(drops, d => !d.EndsWith(" 0", StringComparison.Ordinal));

        // What is pooled is made in the first seconds; later there is nothing new to make.
        long early = resident[Seconds / 3];
        Assert.True(resident[^1] <= early + (early / 10), string.Join(' ', resident));
    }
}
