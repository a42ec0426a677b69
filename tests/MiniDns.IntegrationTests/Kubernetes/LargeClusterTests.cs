using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;
using MiniDns.Testing.Kubernetes;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>A cluster of 5,000 services and 20,000 endpoint slices with 100,000 addresses: what the server needs for it.</summary>
/// <remarks>Memory is asserted; times are only printed: this machine may be doing something else.</remarks>
public sealed partial class LargeClusterTests(ITestOutputHelper output)
{
    private const int Services = 5000;
    private const int SlicesPerService = 4;
    private const int AddressesPerSlice = 5;
    private const long Megabyte = 1024 * 1024;

    [Theory]
    [InlineData(FakeStreaming.Supported)]
    [InlineData(FakeStreaming.Refused)]
    public async Task Memory_stays_small_also_while_everything_is_listed_again(FakeStreaming streaming)
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        api.Streaming = streaming;
        Fill(api);
        using var directory = new TestDirectory();
        var since = Stopwatch.StartNew();
        await using ServerProcess server = await ServerProcess.StartAsync(directory, $$"""
            .:0 {
                bind 127.0.0.1
                errors
                kubernetes cluster.local in-addr.arpa ip6.arpa {
                    endpoint {{api.Address}}
                    startup_timeout 60s
                }
            }
            """);
        using var prober = new Prober(server.Addresses[0]);
        await Eventually.TrueAsync(() => prober.Ask(NameOf(Services - 1)).Code == 0 && api.Watches.Count == 3, () => server.Transcript);
        Print($"loaded after {since.Elapsed.TotalSeconds:0.0} s from the start of the process");

        await QuietAsync(server);
        await LoadAsync(server, directory, "services", i => NameOf(i % Services) + " A");
        await LoadAsync(server, directory, "services, 20,000 a second", i => NameOf(i % Services) + " A", "-Q", "20000");
        await LoadAsync(server, directory, "headless services", i => NameOf((i * 5) % Services) + " A");
        await LoadAsync(server, directory, "reverse", i => ReverseOf(AddressOf(i % Services, i % SlicesPerService, 0)) + " PTR");
        await QuietAsync(server);
        long steady = ProcessFigures.Resident(server.Id);
        Print($"resident {steady / (double)Megabyte:0.0} MB");

        // On a thread of its own: the test API server needs those of the pool.
        await Task.Factory.StartNew(() => ChangeToAnswer(api, prober), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        await QuietAsync(server);
        steady = Math.Max(steady, ProcessFigures.Resident(server.Id));
        ProcessFigures.ForgetPeak(server.Id);
        for (int round = 0; round < 2; round++)
        {
            await RelistAsync(api, server, directory, round);
        }

        long peak = ProcessFigures.PeakResident(server.Id);
        Print($"peak while listing again {peak / (double)Megabyte:0.0} MB, {peak / (double)steady:0.00} times");

        Assert.InRange(steady, 0, 120 * Megabyte);
        Assert.InRange(peak / (double)steady, 0, 1.25);
    }

    private static string NameOf(int service) => string.Create(CultureInfo.InvariantCulture, $"svc-{service}.ns-{service % 50}.svc.cluster.local");

    private static IPAddress AddressOf(int service, int slice, int endpoint)
    {
        int number = (((service * SlicesPerService) + slice) * AddressesPerSlice) + endpoint;
        return new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
    }

    private static string ReverseOf(IPAddress address) => string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa";

    // Every fifth service is headless, as in clusters with many StatefulSets.
    private static void Fill(FakeApiServer api)
    {
        for (int i = 0; i < 50; i++)
        {
            api.Apply(KubeObjects.Namespace($"ns-{i}"));
        }

        for (int i = 0; i < Services; i++)
        {
            string ns = $"ns-{i % 50}";
            api.Apply(KubeObjects.Service(ns, $"svc-{i}", i % 5 == 0 ? "None" : $"10.96.{i >> 8}.{i & 255}"));
            for (int slice = 0; slice < SlicesPerService; slice++)
            {
                api.Apply(KubeObjects.Slice(ns, $"svc-{i}", $"s{slice}", Enumerable.Range(0, AddressesPerSlice).Select(e => AddressOf(i, slice, e).ToString())));
            }
        }

        api.Compact();
    }

    // Until the server does nothing any more: what was garbage is gone, or stays.
    private static async Task QuietAsync(ServerProcess server)
    {
        TimeSpan before = ProcessFigures.Processor(server.Id);
        await Eventually.TrueAsync(
            async () =>
            {
                await Task.Delay(1000);
                TimeSpan now = ProcessFigures.Processor(server.Id);
                (bool isQuiet, before) = (now - before < TimeSpan.FromMilliseconds(30), now);
                return isQuiet;
            },
            () => server.Transcript);
    }

    private async Task LoadAsync(ServerProcess server, TestDirectory directory, string what, Func<int, string> question, params string[] more)
    {
        string file = directory.Write("questions", string.Join('\n', Enumerable.Range(0, 20_000).Select(i => question(i * 7919))));
        (await Tool.RunAsync("dnsperf", "-s", "127.0.0.1", "-p", server.Port, "-d", file, "-l", "2", "-c", "4", "-q", "100")).Succeeded();      // compiles what is hot
        TimeSpan before = ProcessFigures.Processor(server.Id);
        ToolResult result = await Tool.RunAsync("dnsperf", ["-s", "127.0.0.1", "-p", server.Port, "-d", file, "-l", "4", "-c", "4", "-q", "100", .. more]);
        TimeSpan used = ProcessFigures.Processor(server.Id) - before;
        double completed = double.Parse(Completed().Match(result.Output).Groups["count"].Value, CultureInfo.InvariantCulture);
        string codes = Codes().Match(result.Output).Groups["codes"].Value;
        Assert.Contains("NOERROR", codes);
        Print($"{what}: {used.TotalMicroseconds / completed:0.00} µs of processor a query, {completed / 4:0} queries a second ({codes})");
    }

    private void ChangeToAnswer(FakeApiServer api, Prober prober)
    {
        var times = new List<double>();
        for (int i = 0; i < 100; i++)
        {
            var address = new IPAddress([172, 16, 0, (byte)i]);
            long since = Stopwatch.GetTimestamp();
            api.Apply(KubeObjects.Service("ns-1", "svc-1", address.ToString()));
            while (!address.Equals(prober.Ask(NameOf(1)).Address))
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30), "the change never shows");
            }

            times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }

        times.Sort();
        Print($"from a change to its answer: median {times[50]:0.0} ms, longest {times[^1]:0.0} ms");
    }

    private async Task RelistAsync(FakeApiServer api, ServerProcess server, TestDirectory directory, int round)
    {
        await api.StopAsync();
        for (int i = 0; i < 200; i++)
        {
            api.Apply(KubeObjects.Service($"ns-{i % 50}", $"svc-{i}", $"10.97.{round}.{i}"));
        }

        for (int i = 200 + (round * 25); i < 225 + (round * 25); i++)
        {
            api.Delete("Service", $"ns-{i % 50}", $"svc-{i}");
        }

        // Asked by another process: collections of this one are long, and would count as the server's.
        int asked = api.Requests.Count;
        string file = directory.Write("questions", string.Join('\n', Enumerable.Range(300, Services - 300).Select(i => NameOf(i) + " A")));
        Task<ToolResult> probing = Tool.RunAsync("dnsperf", "-s", "127.0.0.1", "-p", server.Port, "-d", file, "-l", "4", "-c", "1", "-q", "1", "-Q", "1000");
        var since = Stopwatch.StartNew();
        await api.RestartAsync();
        using var prober = new Prober(server.Addresses[0]);
        await Eventually.TrueAsync(() => api.Watches.Count == 3 && prober.Ask(NameOf(224 + (round * 25))).Code == 3 && prober.Ask(NameOf(199)).Address?.ToString() == $"10.97.{round}.199", () => server.Transcript);
        Print($"all listed again after {since.Elapsed.TotalSeconds:0.0} s with {api.Requests.Count - asked} requests");
        string output = (await probing).Output;
        Assert.Matches(@"Response codes:\s+NOERROR \d+ \(100\.00%\)", output);      // nothing that exists is ever denied
        Assert.Matches(@"Queries lost:\s+0 ", output);
        Match latency = Latencies().Match(output);
        Print($"{Completed().Match(output).Groups["count"].Value} queries meanwhile: average {Milliseconds(latency, "average"):0.000} ms, slowest {Milliseconds(latency, "longest"):0.0} ms");
    }

    private static double Milliseconds(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) * 1000;

    private void Print(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"Queries completed:\s+(?<count>\d+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Completed();

    [GeneratedRegex(@"Average Latency \(s\):\s+(?<average>[\d.]+) \(min [\d.]+, max (?<longest>[\d.]+)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Latencies();

    [GeneratedRegex(@"Response codes:\s+(?<codes>.*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Codes();
}
