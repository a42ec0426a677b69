using System.Diagnostics;
using MiniDns.Cluster.Api;
using MiniDns.Cluster.Objects;
using MiniDns.Testing;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>An API server and a client of it, over real sockets.</summary>
internal sealed class ApiBench : IAsyncDisposable
{
    public static readonly ClusterWatch Namespaces = new(ClusterResource.Namespace);
    public static readonly ClusterWatch Services = new(ClusterResource.Service);
    public static readonly ClusterWatch Slices = new(ClusterResource.EndpointSlice);
    public static readonly ClusterWatch Pods = new(ClusterResource.Pod, FieldSelector: "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ApiBench(FakeApiServer server) => Server = server;

    public FakeApiServer Server { get; }

    public RecordingSink Sink { get; } = new();

    public RecordingMeter Meter { get; } = new();

    public TestLoggerFactory Log { get; } = new();

    public ApiClusterSource? Source { get; private set; }

    /// <summary>Starts a server without a client.</summary>
    public static async Task<ApiBench> StartAsync(bool tls = false) => new(await FakeApiServer.StartAsync(tls));

    /// <summary>Starts the client.</summary>
    public void Connect(params IReadOnlyList<ClusterWatch> watches) => Connect(new ClusterApiOptions { Endpoint = Server.Address }, watches);

    /// <summary>Starts the client.</summary>
    public void Connect(ClusterApiOptions options, params IReadOnlyList<ClusterWatch> watches) => Connect(options, TimeProvider.System, null, watches);

    /// <summary>Starts the client.</summary>
    public void Connect(ClusterApiOptions options, TimeProvider time, Func<string, string?>? variable, params IReadOnlyList<ClusterWatch> watches)
    {
        Source = new ApiClusterSource(options, time, Log, Meter, variable);
        Source.Start(new ClusterWatchRequest(watches, ClusterFields.EndpointPodNames | ClusterFields.EndpointZones | ClusterFields.PodLabels), Sink);
    }

    /// <summary>Waits until a condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < Patience, $"never: {what}\nasked:\n{string.Join('\n', Server.Requests.TakeLast(40))}\nsink:\n{string.Join('\n', Sink.Lines().Take(40))}\nlog:\n{string.Join('\n', Log.Lines.TakeLast(40))}");
            await Task.Delay(5);
        }
    }

    /// <summary>Waits until the sink has what the server has.</summary>
    public Task SameAsync(params string[] kinds) => UntilAsync(() => Sink.Lines().SequenceEqual(Expected(kinds)), "same objects: " + string.Join('\n', Expected(kinds)));

    /// <summary>What the server has, as the sink would tell it.</summary>
    public IReadOnlyList<string> Expected(params string[] kinds) => [.. kinds.SelectMany(k => Server.All(k).Select(o => $"{k} {(string?)o["metadata"]!["namespace"]}/{(string?)o["metadata"]!["name"]}: {string.Join(' ', AddressesOf(k, o))}")).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        if (Source is not null)
        {
            await Source.DisposeAsync();
        }

        await Server.DisposeAsync();
        Log.Dispose();
    }

    private static IEnumerable<string> AddressesOf(string kind, System.Text.Json.Nodes.JsonObject o) => kind switch
    {
        "Service" => o["spec"]!["clusterIPs"]!.AsArray().Select(a => (string)a!).Where(a => a != "None"),
        "EndpointSlice" => o["endpoints"]!.AsArray().SelectMany(e => e!["addresses"]!.AsArray()).Select(a => (string)a!),
        "Pod" => o["status"]!["podIPs"]!.AsArray().Select(a => (string)a!["ip"]!),
        _ => [],
    };
}
