using MiniDns.Protocol.Records;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>What each property of the directive does to answers.</summary>
public class OptionTests
{
    private const string Http = "http/TCP/80";

    private static readonly string Cluster =
        Namespace("empty")
        + Service("ns/web", "10.96.0.1", Http)
        + Slice("ns/web/web-a", ["10.1.0.1"], [Http])
        + Service("ns/quiet", "10.96.0.2", Http)
        + Service("ns/db", "None", Http)
        + Slice("ns/db/db-a", ["10.1.0.1 targetRef: { name: db-pod-x }, zone: a", "10.1.0.2 hostname: named, targetRef: { name: db-pod-y }, zone: B.c"], [Http])
        + Service("second/web", "10.96.1.1", Http)
        + Pod("ns/p", "10.1.0.1, fd00:1::1")
        + Pod("ns/done", "10.1.0.7", "Succeeded");

    [Theory]
    [InlineData("disabled", "10-1-0-1.ns.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("disabled", "ns.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("insecure", "192-0-2-9.ns.pod.cluster.local.", DnsRecordType.A, "NoError | @ A 192.0.2.9")]
    [InlineData("insecure", "192-0-2-9.ns.pod.cluster.local.", DnsRecordType.AAAA, "NoError // cluster.local. SOA")]
    [InlineData("insecure", "2001-db8--1.ns.pod.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA 2001:db8::1")]
    [InlineData("insecure", "1-2-3--4.ns.pod.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA 1:2:3::4")]
    [InlineData("insecure", "blah.ns.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("insecure", "192-0-2-9.gone.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("insecure", "ns.pod.cluster.local.", DnsRecordType.A, "NoError // cluster.local. SOA")]
    [InlineData("verified", "10-1-0-1.ns.pod.cluster.local.", DnsRecordType.A, "NoError | @ A 10.1.0.1")]
    [InlineData("verified", "fd00-1--1.ns.pod.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA fd00:1::1")]
    [InlineData("verified", "10-1-0-1.second.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("verified", "192-0-2-9.ns.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("verified", "10-1-0-7.ns.pod.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    public async Task Pods(string mode, string name, DnsRecordType type, string reply)
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "pods " + mode);
        Assert.Equal(reply, cluster.Say(name, type));
    }

    [Fact]
    public async Task Namespaces_hides_the_others()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "namespaces second", "cluster.local in-addr.arpa");
        Assert.Equal("NoError | @ A 10.96.1.1", cluster.Say("web.second.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("web.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("1.0.96.10.in-addr.arpa.", DnsRecordType.PTR), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Namespace_labels_hides_namespaces_without_them()
    {
        string labelled = Cluster + "---\nkind: Namespace\nmetadata: { name: second, labels: { shown: \"yes\" } }\n";
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(labelled, "namespace_labels shown=yes", "cluster.local in-addr.arpa");
        Assert.Equal("NoError | @ A 10.96.1.1", cluster.Say("web.second.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("web.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("1.0.96.10.in-addr.arpa.", DnsRecordType.PTR), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_hides_services_without_them()
    {
        string labelled = Cluster + "---\nkind: Service\nmetadata: { name: tagged, namespace: ns, labels: { app: nginx } }\nspec: { clusterIP: 10.96.0.9 }\n";
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(labelled, "labels app in (nginx, apache)");
        Assert.Equal("NoError | @ A 10.96.0.9", cluster.Say("tagged.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("web.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_pod_names()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "endpoint_pod_names");
        Assert.Equal("NoError | @ A 10.1.0.1", cluster.Say("db-pod-x.db.ns.svc.cluster.local."));
        Assert.Equal("NoError | @ A 10.1.0.2", cluster.Say("named.db.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("10-1-0-1.db.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("db-pod-y.db.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ttl_and_negttl()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "ttl 30\nnegttl 7");
        Assert.Equal([30u], cluster.Ttls("web.ns.svc.cluster.local."));
        Assert.Equal([7u], cluster.Ttls("gone.ns.svc.cluster.local."));
    }

    [Fact]
    public async Task Noendpoints_leaves_headless_services_without_names()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "noendpoints");
        Assert.Equal("NoError | @ A 10.96.0.1", cluster.Say("web.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("db.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("named.db.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ignore_empty_service()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "ignore empty_service");
        Assert.Equal("NoError | @ A 10.96.0.1", cluster.Say("web.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("quiet.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.pin._zone.db.ns.svc.cluster.local.", "NoError | @ A 10.1.0.1")]
    [InlineData("b.c.pin._zone.db.ns.svc.cluster.local.", "NoError | @ A 10.1.0.2")]
    [InlineData("x.pin._zone.db.ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("x.prefer._zone.db.ns.svc.cluster.local.", "NoError | @ A 10.1.0.1 | @ A 10.1.0.2")]
    [InlineData("a.prefer._zone.db.ns.svc.cluster.local.", "NoError | @ A 10.1.0.1")]
    [InlineData("a.shrug._zone.db.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("a.pin._zone.web.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("a.pin._zone.gone.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("pin._zone.db.ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("_zone.db.ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    public async Task Zonal(string name, string reply)
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "zonal");
        Assert.Equal(reply, cluster.Say(name));
    }

    [Fact]
    public async Task Without_zonal_there_are_no_such_names()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster);
        Assert.StartsWith("NameError", cluster.Say("a.pin._zone.db.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallthrough_passes_on_what_does_not_exist_in_its_zones()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "fallthrough cluster.local", "cluster.local in-addr.arpa", "whoami");
        Assert.DoesNotContain("NameError", cluster.Say("gone.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("9.9.9.9.in-addr.arpa.", DnsRecordType.PTR), StringComparison.Ordinal);
        Assert.Equal("NoError // cluster.local. SOA", cluster.Say("ns.svc.cluster.local."));
    }

    [Fact]
    public async Task Multicluster_zones_serve_imports_and_only_them()
    {
        const string Labels = "multicluster.kubernetes.io/service-name: NAME, multicluster.kubernetes.io/source-cluster: east";
        string imports = Cluster
            + Import("ns/web", "ClusterSetIP", "10.97.0.1, fd00:97::1", Http)
            + Import("ns/all", "Headless", "")
            + Slice("ns/all/all-east", ["10.5.0.1 hostname: all-0", "10.5.0.2"], [Http], Labels.Replace("NAME", "all", StringComparison.Ordinal));
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(imports, "multicluster clusterset.local", "cluster.local clusterset.local");
        Assert.Equal("NoError | @ A 10.97.0.1", cluster.Say("web.ns.svc.clusterset.local."));
        Assert.Equal("NoError | @ A 10.96.0.1", cluster.Say("web.ns.svc.cluster.local."));
        Assert.Equal("NoError | @ A 10.5.0.1 | @ A 10.5.0.2", cluster.Say("all.ns.svc.clusterset.local."));
        Assert.Equal("NoError | @ A 10.5.0.1", cluster.Say("all-0.east.all.ns.svc.clusterset.local."));
        Assert.StartsWith("NoError //", cluster.Say("east.all.ns.svc.clusterset.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("all-0.all.ns.svc.clusterset.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("all-0.west.all.ns.svc.clusterset.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("all.ns.svc.cluster.local."), StringComparison.Ordinal);
        Assert.StartsWith("NameError", cluster.Say("quiet.ns.svc.clusterset.local."), StringComparison.Ordinal);
        Assert.StartsWith("NoError | @ SRV 0 50 80 all-0.east.all.ns.svc.clusterset.local.", cluster.Say("_http._tcp.all.ns.svc.clusterset.local.", DnsRecordType.SRV), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_clusters_in_one_block()
    {
        const string Second = "kubernetes cluster.local {\nmanifests DIR/second.yaml\n}";
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "fallthrough", others: Second);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(cluster.File)!, "second.yaml"), Service("ns/far", "10.98.0.1", Http));
        await Wait.UntilAsync(() =>
        {
            cluster.Server.Time.Advance(TimeSpan.FromSeconds(5));
            return cluster.Say("far.ns.svc.cluster.local.") == "NoError | @ A 10.98.0.1";
        });
        Assert.Equal("NoError | @ A 10.96.0.1", cluster.Say("web.ns.svc.cluster.local."));
    }
}
