using System.Net;
using MiniDns.Cluster.Objects;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Lists: in pages and streamed, whole and broken off.</summary>
public sealed class ListTests
{
    [Theory]
    [InlineData(FakeStreaming.Supported)]
    [InlineData(FakeStreaming.Refused)]
    [InlineData(FakeStreaming.Ignored)]
    public async Task Every_kind_of_server_is_listed_and_then_watched(FakeStreaming streaming)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = streaming;
        Fill(bench.Server, services: 20);
        bench.Connect(ApiBench.Namespaces, ApiBench.Services, ApiBench.Slices);
        await bench.SameAsync("Namespace", "Service", "EndpointSlice");
        await bench.UntilAsync(() => bench.Sink.Completed == 3, "lists complete");

        bench.Server.Apply(KubeObjects.Service("default", "late", "10.96.9.9"));
        bench.Server.Delete("Service", "default", "svc-3");
        bench.Server.Apply(KubeObjects.Slice("default", "svc-4", "a", "10.0.0.4", "10.0.0.44"));
        await bench.SameAsync("Namespace", "Service", "EndpointSlice");
        Assert.Equal(3, bench.Sink.Completed);
        Assert.Equal(streaming != FakeStreaming.Supported, bench.Server.Requests.Any(r => r.Verb == "list"));
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_of_one_moment()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = FakeStreaming.Refused;
        Fill(bench.Server, services: 1300);
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        FakeApiRequest[] pages = [.. bench.Server.Requests.Where(r => r.Verb == "list")];
        Assert.Equal(["500", "500", "500"], pages.Select(p => p["limit"]));
        Assert.Equal([false, true, true], pages.Select(p => p["continue"].Length > 0));
        await bench.UntilAsync(() => bench.Server.Watches.Count == 1, "watching");
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Fact]
    public async Task Pages_that_the_server_forgot_are_asked_for_again_in_one_piece()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = FakeStreaming.Refused;
        Fill(bench.Server, services: 1300);
        bench.Server.Expect(new FakeApiTrouble { Status = 410, Reason = "Expired" }, r => r["continue"].Length > 0);
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.Equal(["500", "500", ""], bench.Server.Requests.Where(r => r.Verb == "list").Select(p => p["limit"]));
    }

    [Theory]
    [InlineData(FakeStreaming.Supported)]
    [InlineData(FakeStreaming.Refused)]
    public async Task A_list_again_deletes_what_is_gone_and_never_what_is_there(FakeStreaming streaming)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = streaming;
        Fill(bench.Server, services: 50);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");

        bool dipped = false;
        await bench.Server.StopAsync();
        bench.Server.Delete("Service", "default", "svc-7");
        bench.Server.Apply(KubeObjects.Service("default", "svc-8", "10.96.200.8"));
        await bench.Server.RestartAsync();
        await bench.UntilAsync(
            () =>
            {
                dipped |= bench.Sink.Count < 49;
                return bench.Sink.ListsOf(ApiBench.Services) >= 2;
            },
            "listed again");
        Assert.False(dipped);
        await bench.SameAsync("Service");
        Assert.Null(bench.Sink.Find<ClusterService>("default", "svc-7"));
    }

    [Theory]
    [InlineData(FakeStreaming.Supported, 1)]
    [InlineData(FakeStreaming.Supported, 700)]
    [InlineData(FakeStreaming.Supported, 9999)]
    [InlineData(FakeStreaming.Refused, 1)]
    [InlineData(FakeStreaming.Refused, 700)]
    [InlineData(FakeStreaming.Refused, 9999)]
    public async Task A_list_that_breaks_off_completes_nothing_and_is_begun_again(FakeStreaming streaming, int octets)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = streaming;
        Fill(bench.Server, services: 50);
        bench.Server.Expect(new FakeApiTrouble { CutAfter = octets }, r => r.Verb == (streaming == FakeStreaming.Refused ? "list" : "watch"));
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
        Assert.Contains("services cut", bench.Meter.Spoilt);
    }

    [Fact]
    public async Task Octet_by_octet_is_as_good_as_at_once()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        Fill(bench.Server, services: 5);
        bench.Server.Expect(new FakeApiTrouble { ChunkSize = 1 });
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        bench.Server.Apply(KubeObjects.Service("default", "slow", "10.96.1.1"));
        await bench.SameAsync("Service");
        Assert.Single(bench.Server.Requests);
    }

    [Fact]
    public async Task A_huge_object_among_small_ones()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        Fill(bench.Server, services: 5);
        System.Text.Json.Nodes.JsonObject huge = KubeObjects.Slice("default", "huge", "a", Enumerable.Range(0, 4000).Select(i => new IPAddress([10, 9, (byte)(i >> 8), (byte)i]).ToString()));
        huge["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["note"] = new string('x', 2_000_000) + "\"\\ {[" };
        bench.Server.Apply(huge);
        bench.Connect(ApiBench.Slices);
        await bench.SameAsync("EndpointSlice");
        Assert.Equal(4000, bench.Sink.Find<ClusterEndpointSlice>("default", "huge-a")!.Count);
    }

    [Fact]
    public async Task An_empty_cluster_is_synchronised_too()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Connect(ApiBench.Services, ApiBench.Slices);
        await bench.UntilAsync(() => bench.Sink.Completed == 2, "listed");
        Assert.Equal(0, bench.Sink.Count);
    }

    internal static void Fill(FakeApiServer server, int services)
    {
        server.Apply(KubeObjects.Namespace("default"));
        for (int i = 0; i < services; i++)
        {
            server.Apply(KubeObjects.Service("default", $"svc-{i}", $"10.96.{i >> 8}.{i & 255}"));
            server.Apply(KubeObjects.Slice("default", $"svc-{i}", "a", $"10.0.{i >> 8}.{i & 255}"));
        }
    }
}
