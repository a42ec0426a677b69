using FsCheck;
using FsCheck.Fluent;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Whatever happens between server and client, in the end the client has what the server has.</summary>
public sealed class ApiProperties
{
    private enum Act
    {
        Put,
        Delete,
        Compact,
        CutWatches,
        CutNext,
        SpoilNext,
        FailNext,
        Slow,
        Bookmark,
        Restart,
        Streaming,
    }

    [Fact]
    public void Any_sequence_of_changes_cuts_and_compactions_ends_with_the_servers_state()
    {
        Gen<(Act Act, int Number)> step = Gen.Frequency(
            (8, Gen.Constant(Act.Put)),
            (4, Gen.Constant(Act.Delete)),
            (2, Gen.Constant(Act.Compact)),
            (3, Gen.Constant(Act.CutWatches)),
            (3, Gen.Constant(Act.CutNext)),
            (1, Gen.Constant(Act.SpoilNext)),
            (1, Gen.Constant(Act.FailNext)),
            (1, Gen.Constant(Act.Slow)),
            (1, Gen.Constant(Act.Bookmark)),
            (1, Gen.Constant(Act.Restart)),
            (1, Gen.Constant(Act.Streaming))).SelectMany(a => Gen.Choose(0, 3000).Select(n => (a, n)));
        Prop.ForAll(step.ListOf().Select(l => l.ToArray()).ToArbitrary(), steps => Run(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithEndSize(60));
    }

    private static bool Run((Act Act, int Number)[] steps)
    {
        RunAsync(steps).GetAwaiter().GetResult();
        return true;
    }

    private static async Task RunAsync((Act Act, int Number)[] steps)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 4);
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address }, new HurriedTime(), null, ApiBench.Services, ApiBench.Slices);
        foreach ((Act act, int number) in steps)
        {
            await TakeAsync(bench.Server, act, number);
            if (number % 4 == 0)
            {
                await Task.Delay(number % 7);
            }
        }

        await bench.SameAsync("Service", "EndpointSlice");
        await bench.UntilAsync(() => bench.Sink.ListsOf(ApiBench.Services) > 0 && bench.Sink.ListsOf(ApiBench.Slices) > 0, "synchronised");
    }

    private static async Task TakeAsync(FakeApiServer server, Act act, int number)
    {
        string name = $"svc-{number % 9}";
        switch (act)
        {
            case Act.Put when number % 2 == 0:
                server.Apply(KubeObjects.Service("default", name, $"10.96.{number % 5}.{number % 200}"));
                break;
            case Act.Put:
                server.Apply(KubeObjects.Slice("default", name, "a", Enumerable.Range(1, number % 6).Select(i => $"10.{i}.{number % 5}.{number % 200}")));
                break;
            case Act.Delete when number % 2 == 0:
                server.Delete("Service", "default", name);
                break;
            case Act.Delete:
                server.Delete("EndpointSlice", "default", name + "-a");
                break;
            case Act.Compact:
                server.Compact();
                break;
            case Act.CutWatches:
                server.CutWatches();
                break;
            case Act.CutNext:
                server.Expect(new FakeApiTrouble { CutAfter = number });
                break;
            case Act.SpoilNext:
                server.Expect(new FakeApiTrouble { Spoil = octets => Spoil(octets, number) });
                break;
            case Act.FailNext:
                server.Expect(new FakeApiTrouble { Status = number % 2 == 0 ? 500 : 429 });
                break;
            case Act.Slow:
                server.Expect(new FakeApiTrouble { ChunkSize = 1 + (number % 40) });
                break;
            case Act.Bookmark:
                server.Bookmark();
                break;
            case Act.Restart:
                await server.RestartAsync(forgetful: number % 2 == 0);
                break;
            default:
                server.Streaming = number % 2 == 0 ? FakeStreaming.Supported : FakeStreaming.Refused;
                break;
        }
    }

    // The closing bracket of something becomes another one: still of the right length, but no JSON.
    private static byte[] Spoil(byte[] octets, int number)
    {
        byte[] spoilt = [.. octets];
        int at = Array.IndexOf(spoilt, (byte)'}', number % Math.Max(1, spoilt.Length));
        if (at >= 0)
        {
            spoilt[at] = (byte)']';
        }

        return spoilt;
    }
}
