using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

public class ManifestTests
{
    [Fact]
    public async Task A_malformed_document_is_left_out_and_the_others_serve()
    {
        string broken = Service("ns/one", "10.96.0.1") + "---\nkind: Service\nmetadata: { name: [\n" + Service("ns/two", "10.96.0.2")
            + Service("ns/three", "10.96.0.300") + "---\nkind: Deployment\nmetadata: { name: x }\n";
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(broken);
        Assert.Equal("NoError | @ A 10.96.0.1", cluster.Say("one.ns.svc.cluster.local."));
        Assert.Equal("NoError | @ A 10.96.0.2", cluster.Say("two.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("three.ns.svc.cluster.local."), StringComparison.Ordinal);
        string log = string.Join('\n', cluster.Server.Log.Lines);
        Assert.Matches(@"cluster\.yaml:1[01]:\d+: not YAML", log);
        Assert.Contains("'spec.clusterIPs[0]' '10.96.0.300' is not an IP address", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_seen()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Service("ns/one", "10.96.0.1") + Service("ns/two", "10.96.0.2"));
        await File.WriteAllTextAsync(cluster.File, Service("ns/one", "10.96.0.9") + Service("ns/new", "10.96.0.3"));
        await Wait.UntilAsync(() =>
        {
            cluster.Server.Time.Advance(TimeSpan.FromSeconds(1));
            return cluster.Say("new.ns.svc.cluster.local.") == "NoError | @ A 10.96.0.3";
        });
        Assert.Equal("NoError | @ A 10.96.0.9", cluster.Say("one.ns.svc.cluster.local."));
        Assert.StartsWith("NameError", cluster.Say("two.ns.svc.cluster.local."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_forgotten_while_a_document_is_malformed()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Service("ns/one", "10.96.0.1") + Service("ns/two", "10.96.0.2"));
        await File.WriteAllTextAsync(cluster.File, Service("ns/one", "10.96.0.9") + "---\nkind: Service\nmetadata: {{{\n");
        await Wait.UntilAsync(() =>
        {
            cluster.Server.Time.Advance(TimeSpan.FromSeconds(1));
            return cluster.Say("one.ns.svc.cluster.local.") == "NoError | @ A 10.96.0.9";
        });
        Assert.Equal("NoError | @ A 10.96.0.2", cluster.Say("two.ns.svc.cluster.local."));
    }

    [Fact]
    public async Task Directories_lists_and_json()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(string.Empty, "manifests DIR");
        string directory = Path.GetDirectoryName(cluster.File)!;
        await File.WriteAllTextAsync(Path.Combine(directory, "list.json"), """
            {"kind": "List", "items": [{"kind": "Service", "metadata": {"name": "a", "namespace": "ns"}, "spec": {"clusterIP": "10.96.0.1"}}]}
            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "notes.txt"), "no manifest");
        await Wait.UntilAsync(() =>
        {
            cluster.Server.Time.Advance(TimeSpan.FromSeconds(1));
            return cluster.Say("a.ns.svc.cluster.local.") == "NoError | @ A 10.96.0.1";
        });
    }
}
