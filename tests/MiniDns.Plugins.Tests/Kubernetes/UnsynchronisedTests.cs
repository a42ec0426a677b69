using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>Statement 22: what is answered before the cluster is known, and after a restart without it.</summary>
public class UnsynchronisedTests
{
    private const string Nobody = "endpoint http://127.0.0.1:1\nstartup_timeout 0s\nfallthrough";

    [Theory]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("1.0.96.10.in-addr.arpa.", DnsRecordType.PTR)]
    public async Task Statement_22_SERVFAIL_and_no_leak_to_the_next_plugin(string name, DnsRecordType type)
    {
        await using PluginHarness server = await PluginHarness.Stanza($"kubernetes cluster.local in-addr.arpa {{\n{Nobody}\n}}\nwhoami").StartAsync();
        var message = new ParsedMessage(server.Chain.Ask(name, type, dnssecOk: true).Span);
        Assert.Equal(Protocol.Messages.DnsResponseCode.ServerFailure, message.Code);
        Assert.Equal("000F0002000E", Convert.ToHexString(message.Options));
    }

    [Fact]
    public async Task Names_of_the_schema_are_known_without_a_cluster()
    {
        await using PluginHarness server = await PluginHarness.Stanza($"kubernetes cluster.local {{\n{Nobody}\n}}").StartAsync();
        Assert.Equal(Protocol.Messages.DnsResponseCode.NoError, new ParsedMessage(server.Chain.Ask("cluster.local.", DnsRecordType.SOA).Span).Code);
        Assert.Equal(Protocol.Messages.DnsResponseCode.NoError, new ParsedMessage(server.Chain.Ask("dns-version.cluster.local.", DnsRecordType.TXT).Span).Code);
    }

    [Fact]
    public void What_is_known_already_is_answered_and_endpoints_are_not_denied()
    {
        ClusterWatch services = new(ClusterResource.Service);
        ClusterWatch slices = new(ClusterResource.EndpointSlice);
        var store = new ClusterStore([services, slices], new TestTimeProvider());
        var builder = new ClusterObjectBuilder(ClusterFields.None);
        store.BeginList(services);
        builder.Begin(ClusterResource.Service);
        builder.SetNamespace("ns"u8);
        builder.SetName("web"u8);
        builder.AddClusterIP("10.0.0.1"u8);
        builder.Build(out ClusterObject? item);
        store.Put(services, item!);
        store.EndList(services);
        Assert.False(store.IsSynchronised);
        Assert.NotNull(store.FindName("\u0003web\u0002ns"u8)?.Service);
        store.BeginList(slices);
        store.EndList(slices);
        Assert.True(store.IsSynchronised);
    }

    [Fact]
    public async Task A_snapshot_is_served_as_stale_until_the_cluster_is_known()
    {
        string snapshot = Path.Combine(Directory.CreateTempSubdirectory("minidns-snapshot").FullName, "state");
        string manifests = Service("ns/web", "10.96.0.1, fd00::1", "http/TCP/80") + Service("ns/db", "None", "sql/TCP/1")
            + Slice("ns/db/db-a", ["10.1.0.1 hostname: db-0"], ["sql/TCP/1"]) + External("ns/out", "www.example.org");
        await using (ClusterSetting first = await ClusterSetting.StartAsync(manifests, "snapshot " + snapshot))
        {
            Assert.Equal("NoError | @ A 10.96.0.1", first.Say("web.ns.svc.cluster.local."));
        }

        Assert.True(File.Exists(snapshot));
        await using PluginHarness second = await PluginHarness.Stanza($"kubernetes cluster.local {{\nsnapshot {snapshot}\nendpoint http://127.0.0.1:1\nstartup_timeout 0s\n}}").StartAsync();
        var setting = ClusterSetting.Of(second);
        Assert.Equal("NoError | @ A 10.96.0.1 !StaleAnswer", setting.Say("web.ns.svc.cluster.local."));
        Assert.Equal("NoError | @ A 10.1.0.1 !StaleAnswer", setting.Say("db-0.db.ns.svc.cluster.local."));
        Assert.Equal("NoError | @ CNAME www.example.org. !StaleAnswer", setting.Say("out.ns.svc.cluster.local.", DnsRecordType.CNAME));
        Assert.Equal("NameError // cluster.local. SOA !StaleNxdomain", setting.Say("gone.ns.svc.cluster.local."));
        Directory.Delete(Path.GetDirectoryName(snapshot)!, recursive: true);
    }

    [Fact]
    public async Task A_snapshot_keeps_the_names_that_annotations_ask_for()
    {
        string snapshot = Path.Combine(Directory.CreateTempSubdirectory("minidns-snapshot").FullName, "state");
        const string External = "k8s_external example.org {\nhostnames\n}";
        const string Manifests = """
            kind: Service
            apiVersion: v1
            metadata: {name: shop, namespace: ns, annotations: {coredns.io/hostname: "shop.example.org, *.shop.example.org"} }
            spec: {clusterIPs: [10.96.0.1], externalIPs: [192.0.2.1], ports: [{name: http, protocol: TCP, port: 80}]}
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: blog, namespace: ns, annotations: {external-dns.alpha.kubernetes.io/hostname: blog.example.org} }
            spec: {clusterIPs: [10.96.0.2], externalIPs: [192.0.2.2], ports: [{name: http, protocol: TCP, port: 80}]}
            """;
        string[] names = ["shop.example.org.", "a.shop.example.org.", "blog.example.org."];
        string[] known = [];
        await using (ClusterSetting first = await ClusterSetting.StartAsync(Manifests, "snapshot " + snapshot, others: External))
        {
            known = [.. names.Select(n => first.Say(n))];
            Assert.Equal(["NoError | @ A 192.0.2.1", "NoError | @ A 192.0.2.1", "NoError | @ A 192.0.2.2"], known);
        }

        await using PluginHarness second = await PluginHarness.Stanza($"kubernetes cluster.local {{\nsnapshot {snapshot}\nendpoint http://127.0.0.1:1\nstartup_timeout 0s\n}}\n{External}").StartAsync();
        var setting = ClusterSetting.Of(second);
        Assert.Equal(known.Select(k => k + " !StaleAnswer"), names.Select(n => setting.Say(n)));
        Directory.Delete(Path.GetDirectoryName(snapshot)!, recursive: true);
    }

    [Fact]
    public async Task A_broken_snapshot_is_told_of_and_ignored()
    {
        string snapshot = Path.Combine(Directory.CreateTempSubdirectory("minidns-snapshot").FullName, "state");
        await File.WriteAllTextAsync(snapshot, "rubbish\n{}\n");
        await using PluginHarness server = await PluginHarness.Stanza($"kubernetes cluster.local {{\nsnapshot {snapshot}\nendpoint http://127.0.0.1:1\nstartup_timeout 0s\n}}").StartAsync();
        Assert.StartsWith("ServerFailure", ClusterSetting.Of(server).Say("web.ns.svc.cluster.local."), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(snapshot)!, recursive: true);
    }
}
