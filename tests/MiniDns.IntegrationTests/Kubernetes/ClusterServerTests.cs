using MiniDns.IntegrationTests.Support;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>The server in front of an API server, as dig and a pod's resolver see it.</summary>
public sealed class ClusterServerTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private FakeApiServer? _api;

    private FakeApiServer Api => _api!;

    public async Task InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync(tls: true);
        _api.Tokens = new HashSet<string> { "pod" };
        _api.Apply(KubeObjects.Namespace("default"));
        System.Text.Json.Nodes.JsonObject web = KubeObjects.Service("default", "web", "10.96.0.20");
        web["spec"]!["clusterIPs"]!.AsArray().Add("fd00::20");
        _api.Apply(web);
        _api.Apply(KubeObjects.Slice("default", "web", "a", "10.1.0.1", "10.1.0.2"));
        _api.Apply(KubeObjects.Service("default", "db", "None"));
        System.Text.Json.Nodes.JsonObject db = KubeObjects.Slice("default", "db", "a", "10.1.0.5", "10.1.0.6");
        db["endpoints"]![0]!["hostname"] = "db-0";
        _api.Apply(db);
        _api.Apply(KubeObjects.Pod("default", "shell", "Running", "10.1.0.9", "2001:db8::9"));
        _directory.Write("ca.crt", _api.Certificates!.Authority);
        _directory.Write("token", "pod");
        _directory.Write("config", $$"""
            current-context: pod
            contexts: [{name: pod, context: {cluster: here, user: pod} }]
            clusters: [{name: here, cluster: {server: '{{_api.Address}}', certificate-authority: ca.crt} }]
            users: [{name: pod, user: {tokenFile: token} }]
            """);
    }

    public async Task DisposeAsync()
    {
        await Api.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Services_endpoints_pods_and_their_addresses_have_names()
    {
        await using ServerProcess server = await StartAsync();
        Assert.Equal(["10.96.0.20"], await DigAsync(server, "web.default.svc.cluster.local", "A"));
        Assert.Equal(["fd00::20"], await DigAsync(server, "web.default.svc.cluster.local", "AAAA"));
        Assert.Equal(["0 50 80 web.default.svc.cluster.local."], await DigAsync(server, "_http._tcp.web.default.svc.cluster.local", "SRV"));
        Assert.Equal(["10.1.0.5", "10.1.0.6"], await DigAsync(server, "db.default.svc.cluster.local", "A"));
        Assert.Equal(["10.1.0.5"], await DigAsync(server, "db-0.db.default.svc.cluster.local", "A"));
        Assert.Equal(["0 50 8080 10-1-0-6.db.default.svc.cluster.local.", "0 50 8080 db-0.db.default.svc.cluster.local."], await DigAsync(server, "_http._tcp.db.default.svc.cluster.local", "SRV"));
        Assert.Equal(["10.1.0.9"], await DigAsync(server, "10-1-0-9.default.pod.cluster.local", "A"));
        Assert.Equal(["2001:db8::9"], await DigAsync(server, "2001-db8--9.default.pod.cluster.local", "AAAA"));
        Assert.Equal(["web.default.svc.cluster.local."], await DigAsync(server, "20.0.96.10.in-addr.arpa", "PTR"));
        Assert.Equal(["db-0.db.default.svc.cluster.local."], await DigAsync(server, "5.0.1.10.in-addr.arpa", "PTR"));
        Assert.Equal(["\"1.1.0\""], await DigAsync(server, "dns-version.cluster.local", "TXT"));
    }

    [Fact]
    public async Task What_is_known_is_answered_while_the_API_server_is_away_and_changes_come_when_it_is_back()
    {
        await using ServerProcess server = await StartAsync();
        await Api.StopAsync();
        Assert.Equal(["10.96.0.20"], await DigAsync(server, "web.default.svc.cluster.local", "A"));
        Api.Apply(KubeObjects.Service("default", "web", "10.96.0.21"));
        Api.Delete("Service", "default", "db");
        await Api.RestartAsync();
        await Eventually.TrueAsync(
            async () => (await DigAsync(server, "web.default.svc.cluster.local", "A")).SequenceEqual(["10.96.0.21"]) && await StatusAsync(server, "db.default.svc.cluster.local") == "NXDOMAIN",
            () => server.Transcript);
    }

    [Fact]
    public async Task Before_the_cluster_is_known_nothing_is_denied()
    {
        await Api.StopAsync();
        await using ServerProcess server = await StartAsync("startup_timeout 100ms");
        Assert.Equal("SERVFAIL", await StatusAsync(server, "web.default.svc.cluster.local"));
        Assert.Equal("SERVFAIL", await StatusAsync(server, "nothing.default.svc.cluster.local"));
        await Api.RestartAsync();
        await Eventually.TrueAsync(async () => await StatusAsync(server, "nothing.default.svc.cluster.local") == "NXDOMAIN", () => server.Transcript);
        Assert.Equal(["10.96.0.20"], await DigAsync(server, "web.default.svc.cluster.local", "A"));
    }

    [Fact]
    public async Task A_pods_resolver_finds_short_names()
    {
        await using NetworkNamespace pod = await NetworkNamespace.CreateAsync("pod");
        await pod.IpAsync("link add eth0 type veth peer name eth0-peer");
        await pod.IpAsync("link set eth0 up");
        await pod.IpAsync("link set eth0-peer up");
        await pod.AddAddressAsync("10.1.0.9/24", "eth0");     // without one resolvers ask for no addresses
        pod.WriteEtc("resolv.conf", "nameserver 127.0.0.1\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n");
        _directory.Write("cluster.yaml", string.Join("\n---\n", new[] { "Namespace", "Service", "EndpointSlice" }.SelectMany(Api.All).Select(o => o.ToJsonString())));
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, """
            .:53 {
                bind 127.0.0.1
                errors
                kubernetes cluster.local in-addr.arpa {
                    manifests cluster.yaml
                }
            }
            """, [.. pod.Exec]);
        Assert.Equal(["fd00::20 web.default.svc.cluster.local"], await GetentAsync(pod, "hosts", "web"));
        Assert.Contains("10.96.0.20 STREAM web.default.svc.cluster.local", await GetentAsync(pod, "ahostsv4", "web.default"));
        Assert.Contains("10.1.0.5 STREAM db-0.db.default.svc.cluster.local", await GetentAsync(pod, "ahostsv4", "db-0.db"));
        Assert.Equal(["10.96.0.20 web.default.svc.cluster.local"], await GetentAsync(pod, "hosts", "10.96.0.20"));
        Assert.Equal([], await GetentAsync(pod, "hosts", "nothing"));
    }

    private static async Task<IReadOnlyList<string>> GetentAsync(NetworkNamespace pod, string database, string name) =>
        [.. (await pod.RunAsync("getent", database, name)).Lines.Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Where(l => l.Length > 0)];

    private static async Task<IReadOnlyList<string>> DigAsync(ServerProcess server, string name, string type) =>
        [.. (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+short", name, type)).Lines.Where(l => l.Length > 0).Order(StringComparer.Ordinal)];

    private static async Task<string> StatusAsync(ServerProcess server, string name)
    {
        string output = (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, name)).Output;
        int at = output.IndexOf("status: ", StringComparison.Ordinal);
        Assert.True(at > 0, output);
        return output[(at + 8)..output.IndexOf(',', at)];
    }

    private Task<ServerProcess> StartAsync(string option = "") => ServerProcess.StartAsync(_directory, $$"""
        .:0 {
            bind 127.0.0.1
            errors
            kubernetes cluster.local in-addr.arpa ip6.arpa {
                kubeconfig config
                pods verified
                {{option}}
            }
        }
        """);
}
