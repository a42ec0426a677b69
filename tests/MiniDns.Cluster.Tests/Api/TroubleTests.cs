using System.Text;
using MiniDns.Cluster.Api;
using MiniDns.Cluster.Objects;
using MiniDns.Testing;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Servers that refuse, are busy, are gone, or lack what is asked for.</summary>
public sealed class TroubleTests
{
    private static readonly ClusterWatch Imports = new(ClusterResource.ServiceImport, IsOptional: true);

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_error_is_told_and_tried_again(int status)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 1);
        bench.Server.Expect(new FakeApiTrouble { Status = status, Reason = "Trouble" });
        bench.Server.Expect(new FakeApiTrouble { Status = status, Reason = "Trouble" });
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.Contains(bench.Log.Lines, l => l.Contains("the API server gives no services: trouble as expected", StringComparison.Ordinal));
        Assert.Single(bench.Log.Lines, l => l.Contains("trouble as expected", StringComparison.Ordinal));
        Assert.Equal([status.ToString(), status.ToString(), "200"], bench.Meter.Codes.Take(3));
    }

    [Fact]
    public async Task A_server_that_asks_for_patience_gets_it()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Expect(new FakeApiTrouble { Status = 429, RetryAfter = 20 });
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address }, time, null, ApiBench.Services);
        await bench.UntilAsync(() => bench.Log.Lines.Any(l => l.Contains("next attempt", StringComparison.Ordinal)), "the refusal");
        await Task.Delay(50);
        time.Advance(TimeSpan.FromSeconds(19.9));
        await Task.Delay(50);
        Assert.Single(bench.Server.Requests);
        await bench.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return bench.Sink.Completed == 1;
            },
            "listed");
    }

    [Fact]
    public async Task A_server_that_is_away_is_awaited_and_told_of_once()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 3);
        bench.Connect(ApiBench.Services, ApiBench.Slices);
        await bench.SameAsync("Service", "EndpointSlice");
        await bench.Server.StopAsync();
        await bench.UntilAsync(() => bench.Meter.Codes.Count(c => c == "<error>") >= 4, "attempts");
        bench.Server.Apply(KubeObjects.Service("default", "after", "10.96.8.8"));
        Assert.Equal(6, bench.Sink.Count);      // what was known is still served
        await bench.Server.RestartAsync();
        await bench.SameAsync("Service", "EndpointSlice");
        Assert.InRange(bench.Log.Lines.Count(l => l.Contains("does not answer", StringComparison.Ordinal)), 1, 3);
        Assert.Contains(bench.Log.Lines, l => l.Contains("answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Expect(new FakeApiTrouble { Hang = true });
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address }, time, null, ApiBench.Services);
        await bench.UntilAsync(() => bench.Server.Requests.Count == 1, "asked");
        await bench.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return bench.Sink.Completed == 1;
            },
            "listed");
        Assert.Contains(bench.Log.Lines, l => l.Contains("no answer in 60 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_that_has_sent_bookmarks_and_falls_silent_is_left()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address }, time, null, ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
        await bench.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return bench.Server.Requests.Count >= 2;
            },
            "a second watch");
        Assert.Contains(bench.Log.Lines, l => l.Contains("silent for 180 s", StringComparison.Ordinal));
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Fact]
    public async Task A_kind_that_the_server_lacks_is_none_until_it_comes()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address }, time, null, Imports);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "none");
        Assert.Equal(["v1beta1", "v1alpha1"], bench.Server.Requests.Select(r => r.Version));

        bench.Server.Install(FakeApiResource.ServiceImports("v1alpha1"));
        bench.Server.Apply(KubeObjects.ServiceImport("v1alpha1", "default", "web", "10.4.0.1"));
        await UntilAsync(bench, time, () => bench.Sink.Find<ClusterServiceImport>("default", "web") is not null, "the import");

        // The cluster moves to the next version: what is known stays known.
        bench.Server.Install(FakeApiResource.ServiceImports("v1beta1"));
        bench.Server.Uninstall(FakeApiResource.ServiceImports("v1alpha1"));
        await UntilAsync(bench, time, () => bench.Server.Watches.Any(r => r.Version == "v1beta1"), "the new version");
        Assert.NotNull(bench.Sink.Find<ClusterServiceImport>("default", "web"));

        bench.Server.Uninstall(FakeApiResource.ServiceImports("v1beta1"));
        await UntilAsync(bench, time, () => bench.Sink.Count == 0, "none again");
        Assert.DoesNotContain(bench.Log.Lines, l => l.StartsWith("[Error]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kind_that_is_not_ours_to_see_is_none_when_it_is_optional()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Forbids = r => r.Resource is "gateways";
        bench.Connect(new ClusterWatch(ClusterResource.Gateway, IsOptional: true));
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "none");
        Assert.Contains(bench.Log.Lines, l => l.Contains("gateways is forbidden", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_keep_to_their_rate()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = FakeStreaming.Refused;
        ListTests.Fill(bench.Server, services: 1600);
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address, QueriesPerSecond = 1, Burst = 2 }, time, null, ApiBench.Services);
        await bench.UntilAsync(() => bench.Server.Requests.Count == 2, "the burst");
        await Task.Delay(100);
        Assert.Equal(2, bench.Server.Requests.Count);
        for (int i = 3; i <= 5; i++)
        {
            await UntilAsync(bench, time, () => bench.Server.Requests.Count >= i, "one more");
        }

        await UntilAsync(bench, time, () => bench.Sink.Completed == 1, "listed");
        Assert.Contains(bench.Meter.Waits, w => w > TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task Only_so_many_requests_are_under_way_and_watches_do_not_count()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 3);
        bench.Server.Apply(KubeObjects.Pod("default", "a", "Running", "10.1.1.1"));
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address, MaxInFlight = 1 }, ApiBench.Namespaces, ApiBench.Services, ApiBench.Slices, ApiBench.Pods);
        await bench.SameAsync("Namespace", "Service", "EndpointSlice", "Pod");
        Assert.Equal(4, bench.Server.Watches.Count);
    }

    [Fact]
    public void Waits_grow_stay_bounded_and_differ()
    {
        var time = new TestTimeProvider();
        var backoff = new Backoff(time, new Random(1));
        TimeSpan[] waits = [.. Enumerable.Range(0, 30).Select(_ => backoff.Next(null))];
        Assert.InRange(waits[0], TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        Assert.InRange(waits[3], TimeSpan.FromMilliseconds(800), TimeSpan.FromMilliseconds(1600));
        Assert.All(waits.Skip(10), w => Assert.InRange(w, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)));
        Assert.True(waits.Skip(10).Distinct().Count() > 10);
        Assert.InRange(new Backoff(time, new Random(1)).Next(TimeSpan.FromHours(1)), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2.2));

        // A success right after a failure proves nothing; one that lasts does.
        backoff.Reset();
        Assert.True(backoff.Next(null) > TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromMinutes(2));
        backoff.Reset();
        Assert.True(backoff.Next(null) < TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("""{"kind":"ServiceList","metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a"}}]""")]
    [InlineData("""{"kind":"ServiceList","metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":]}]}""")]
    [InlineData("""{"items":[{"metadata":{"name":"\ud800"}}],"metadata":{"resourceVersion":"5"}}""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""[]""")]
    [InlineData("""<html>502 Bad Gateway</html>""")]
    [InlineData("")]
    [InlineData("""{"items":[}""")]
    [InlineData("""{"items":[{}{}]}""")]
    [InlineData("""{"items":[],"metadata":{"resourceVersion":"5"}} trailing""")]
    public async Task A_spoilt_list_is_counted_and_asked_for_again(string body)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = FakeStreaming.Refused;
        ListTests.Fill(bench.Server, services: 2);
        bench.Server.Expect(new FakeApiTrouble { Body = Encoding.UTF8.GetBytes(body) }, r => r.Verb == "list");
        bench.Connect(ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.Contains("services malformed", bench.Meter.Spoilt);
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Fact]
    public async Task An_object_without_a_name_is_skipped_and_the_others_are_not()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = FakeStreaming.Refused;
        bench.Server.Expect(
            new FakeApiTrouble
            {
                Body = Encoding.UTF8.GetBytes("""{"items":[{"metadata":{"name":5}},7,null,{"metadata":{"name":"a","namespace":"default"},"spec":{"clusterIPs":["10.96.0.1",3,"x"],"ports":[1,{"port":"http"},{"port":99999}],"type":{}},"status":[]}],"metadata":{"resourceVersion":"1"}}"""),
            },
            r => r.Verb == "list");
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed >= 1, "listed");
        await bench.UntilAsync(() => bench.Meter.Spoilt.Count(s => s == "services object") == 3, "three skipped");
        Assert.Contains(bench.Log.Lines, l => l.Contains("without a usable name", StringComparison.Ordinal));
    }

    private static Task UntilAsync(ApiBench bench, TestTimeProvider time, Func<bool> condition, string what) => bench.UntilAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return condition();
        },
        what);
}
