using System.Text;
using MiniDns.Cluster.Objects;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Watches: resumed, cut, expired.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task A_cut_watch_goes_on_where_it_was()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 3);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
        bench.Server.Apply(KubeObjects.Service("default", "svc-1", "10.96.7.7"));
        await bench.SameAsync("Service");
        string version = bench.Server.Version.ToString();

        bench.Server.CutWatches();
        bench.Server.Apply(KubeObjects.Service("default", "svc-2", "10.96.7.8"));
        bench.Server.Delete("Service", "default", "svc-0");
        await bench.SameAsync("Service");
        Assert.Equal(1, bench.Sink.Completed);
        Assert.Contains(bench.Server.Requests, r => r.Verb == "watch" && r["resourceVersion"] == version);
    }

    [Fact]
    public async Task A_bookmark_moves_the_place_to_go_on()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 1);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");

        // Changes of other kinds move the server's version on; then the old history is dropped.
        for (int i = 0; i < 10; i++)
        {
            bench.Server.Apply(KubeObjects.Slice("default", "svc-0", "a", $"10.0.0.{i}"));
        }

        string version = bench.Server.Version.ToString();
        await bench.UntilAsync(() => bench.Server.Watches.Count == 1, "watching");
        bench.Server.Bookmark();
        await bench.UntilAsync(() => bench.Server.BookmarksSent == 1, "a bookmark");
        await Task.Delay(200);      // nothing shows that it was read but what comes next
        bench.Server.CutWatches();
        await bench.UntilAsync(() => bench.Server.Requests.Any(r => r["resourceVersion"] == version), "a watch from the bookmark");
        bench.Server.Compact();
        bench.Server.Apply(KubeObjects.Service("default", "after", "10.96.7.8"));
        await bench.SameAsync("Service");
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Theory]
    [InlineData(FakeStreaming.Supported, true)]
    [InlineData(FakeStreaming.Supported, false)]
    [InlineData(FakeStreaming.Refused, true)]
    [InlineData(FakeStreaming.Refused, false)]
    public async Task A_history_that_is_gone_means_a_new_list(FakeStreaming streaming, bool byStatus)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Streaming = streaming;
        bench.Server.RefusesOldWatches = byStatus;
        ListTests.Fill(bench.Server, services: 5);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1 && bench.Server.Watches.Count == 1, "watching");
        await bench.Server.StopAsync();
        bench.Server.Delete("Service", "default", "svc-0");
        bench.Server.Apply(KubeObjects.Service("default", "new", "10.96.7.8"));
        await bench.Server.RestartAsync(forgetful: true);
        await bench.SameAsync("Service");
        Assert.Equal(2, bench.Sink.Completed);
        Assert.DoesNotContain(bench.Log.Lines, l => l.StartsWith("[Error]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_restored_server_that_is_behind_is_listed_again()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 2);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
        bench.Server.Expect(new FakeApiTrouble { Body = Encoding.UTF8.GetBytes("""{"type":"ADDED","object":{"metadata":{"name":"x","namespace":"default","resourceVersion":"99999999"}}}""") }, r => r.Verb == "watch");
        bench.Server.CutWatches();
        await bench.UntilAsync(() => bench.Sink.Completed == 2, "listed again");
        await bench.SameAsync("Service");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(60)]
    [InlineData(300)]
    [InlineData(700)]
    public async Task A_watch_cut_in_the_middle_of_an_event_loses_nothing(int octets)
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        ListTests.Fill(bench.Server, services: 2);
        bench.Connect(ApiBench.Services);
        await bench.UntilAsync(() => bench.Sink.Completed == 1 && bench.Server.Watches.Count == 1, "watching");
        bench.Server.Expect(new FakeApiTrouble { CutAfter = octets }, r => r.Verb == "watch");
        bench.Server.CutWatches();
        bench.Server.Apply(KubeObjects.Service("default", "svc-0", "10.96.7.8"));
        bench.Server.Apply(KubeObjects.Service("default", "svc-9", "10.96.7.9"));
        bench.Server.Delete("Service", "default", "svc-1");
        await bench.SameAsync("Service");
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Fact]
    public async Task Objects_that_stop_fitting_the_selector_are_gone()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Apply(KubeObjects.Service("default", "a", "10.96.0.1", ("tier", "web")));
        bench.Server.Apply(KubeObjects.Service("default", "b", "10.96.0.2", ("tier", "db")));
        bench.Server.Apply(KubeObjects.Service("default", "c", "10.96.0.3"));
        bench.Connect(ApiBench.Services with { LabelSelector = "tier in (web, db),tier!=db" });
        await bench.UntilAsync(() => bench.Sink.Count == 1, "one service");
        Assert.NotNull(bench.Sink.Find<ClusterService>("default", "a"));
        bench.Server.Apply(KubeObjects.Service("default", "a", "10.96.0.1"));
        bench.Server.Apply(KubeObjects.Service("default", "b", "10.96.0.2", ("tier", "web")));
        await bench.UntilAsync(() => bench.Sink.Find<ClusterService>("default", "a") is null && bench.Sink.Find<ClusterService>("default", "b") is not null, "the other service");
    }

    [Fact]
    public async Task Pods_that_end_or_terminate_are_gone()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Apply(KubeObjects.Pod("default", "runs", "Running", "10.0.0.1", "2001:db8::1"));
        bench.Server.Apply(KubeObjects.Pod("default", "done", "Succeeded", "10.0.0.2"));
        bench.Server.Apply(KubeObjects.Pod("default", "stops", "Running", "10.0.0.3"));
        bench.Connect(ApiBench.Pods);
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
        Assert.Equal(["Pod default/runs: 10.0.0.1 2001:db8::1", "Pod default/stops: 10.0.0.3"], bench.Sink.Lines());
        System.Text.Json.Nodes.JsonObject stopping = KubeObjects.Pod("default", "stops", "Running", "10.0.0.3");
        stopping["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z";
        bench.Server.Apply(stopping);
        bench.Server.Apply(KubeObjects.Pod("default", "runs", "Failed", "10.0.0.1"));
        await bench.UntilAsync(() => bench.Sink.Count == 0, "no pods");
    }

    [Fact]
    public async Task One_namespace_is_watched_by_itself()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Forbids = r => r.Namespace != "team";      // what a Role of that namespace gives leave to
        bench.Server.Apply(KubeObjects.Namespace("team"));
        bench.Server.Apply(KubeObjects.Service("team", "a", "10.96.0.1"));
        bench.Server.Apply(KubeObjects.Service("other", "b", "10.96.0.2"));
        bench.Connect(new ClusterWatch(ClusterResource.Service, "team"), new ClusterWatch(ClusterResource.Namespace, "team"));
        await bench.UntilAsync(() => bench.Sink.Completed >= 2, "listed");
        Assert.Equal(["Namespace /team: ", "Service team/a: 10.96.0.1"], bench.Sink.Lines());
        Assert.Contains(bench.Server.Requests, r => r is { Verb: "get", Resource: "namespaces", Name: "team" });
    }

    [Fact]
    public async Task One_namespace_by_name_needs_no_leave_to_see_others()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Forbids = r => r.Resource == "namespaces" && r["fieldSelector"] != "metadata.name=team";
        bench.Server.Apply(KubeObjects.Namespace("team"));
        bench.Server.Apply(KubeObjects.Namespace("other"));
        bench.Connect(new ClusterWatch(ClusterResource.Namespace, "team"));
        await bench.UntilAsync(() => bench.Sink.Completed >= 1, "listed");
        Assert.Equal(["Namespace /team: "], bench.Sink.Lines());
        bench.Server.Delete("Namespace", "", "team");
        await bench.UntilAsync(() => bench.Sink.Count == 0, "gone");
    }

    [Fact]
    public async Task A_namespace_that_may_not_even_be_looked_at_is_taken_to_exist()
    {
        await using ApiBench bench = await ApiBench.StartAsync();
        bench.Server.Forbids = r => r.Resource == "namespaces";
        bench.Connect(new ClusterWatch(ClusterResource.Namespace, "team"));
        await bench.UntilAsync(() => bench.Sink.Completed >= 1, "listed");
        Assert.Equal(["Namespace /team: "], bench.Sink.Lines());
    }
}
