using MiniDns.IntegrationTests.Examples;
using MiniDns.IntegrationTests.Support;
using MiniDns.Testing.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>The manifests of config/kubernetes: what they say fits together, their Corefiles start, their rules are those that are needed.</summary>
public sealed class ManifestTests(ExampleHost host) : IClassFixture<ExampleHost>
{
    [Theory]
    [InlineData("base")]
    [InlineData("host-names")]
    [InlineData("node-local")]
    public void The_kustomization_names_every_file_and_nothing_else(string directory)
    {
        Manifest kustomization = Assert.Single(Manifest.Of(directory), m => m.Kind == "Kustomization");
        string[] files = [.. Manifest.Of(directory).Select(m => Path.GetFileName(m.File)).Where(f => f != "kustomization.yaml").Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(files, kustomization.Texts("resources").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_and_labels_lead_to_one_another()
    {
        IReadOnlyList<Manifest> all = Manifest.Of("base");
        Manifest deployment = all.Single(m => m.Kind == "Deployment");
        IReadOnlyDictionary<string, string> labels = deployment.Map("spec", "template", "metadata", "labels");
        AssertSelects(deployment.Map("spec", "selector", "matchLabels"), labels);
        AssertSelects(all.Single(m => m.Kind == "PodDisruptionBudget").Map("spec", "selector", "matchLabels"), labels);
        foreach (string constraint in new[] { "0", "1" })
        {
            AssertSelects(deployment.Map("spec", "template", "spec", "topologySpreadConstraints", constraint, "labelSelector", "matchLabels"), labels);
        }

        Manifest service = all.Single(m => m.Kind == "Service");
        AssertSelects(service.Map("spec", "selector"), labels);
        Assert.Equal("kube-dns", service.Name);
        Assert.Equal("10.96.0.10", service.Text("spec", "clusterIP"));
        Assert.Equal(["53/UDP", "53/TCP", "9153/TCP"], Items(service, "spec", "ports").Select(p => $"{Text(p, "port")}/{Text(p, "protocol")}"));
        string[] containerPorts = [.. Items(deployment, "spec", "template", "spec", "containers", "0", "ports").Select(p => Text(p, "name"))];
        Assert.All(Items(service, "spec", "ports"), p => Assert.Contains(Text(p, "targetPort"), containerPorts));
        foreach (string probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            Assert.Contains(deployment.Text("spec", "template", "spec", "containers", "0", probe, "httpGet", "port"), containerPorts);
        }

        string account = all.Single(m => m.Kind == "ServiceAccount").Name;
        Assert.Equal(account, deployment.Text("spec", "template", "spec", "serviceAccountName"));
        Manifest binding = all.Single(m => m.Kind == "ClusterRoleBinding");
        Assert.Equal(account, binding.Text("subjects", "0", "name"));
        Assert.Equal(all.Single(m => m.Kind == "ClusterRole").Name, binding.Text("roleRef", "name"));
        Assert.Equal(all.Single(m => m.Kind == "ConfigMap").Name, deployment.Text("spec", "template", "spec", "volumes", "0", "configMap", "name"));
        Assert.Equal(deployment.Name, all.Single(m => m.Kind == "HorizontalPodAutoscaler").Text("spec", "scaleTargetRef", "name"));
    }

    [Theory]
    [InlineData("base", "Deployment")]
    [InlineData("node-local", "DaemonSet")]
    public void The_container_may_do_little(string directory, string kind)
    {
        Manifest pods = Manifest.Of(directory).Single(m => m.Kind == kind);
        string[] context = ["spec", "template", "spec", "containers", "0", "securityContext"];
        Assert.Equal("false", pods.Text([.. context, "allowPrivilegeEscalation"]));
        Assert.Equal("true", pods.Text([.. context, "readOnlyRootFilesystem"]));
        Assert.Equal(["ALL"], pods.Texts([.. context, "capabilities", "drop"]));
        Assert.Equal(["NET_BIND_SERVICE"], pods.Texts([.. context, "capabilities", "add"]));
        Assert.NotEmpty(pods.Text("spec", "template", "spec", "containers", "0", "resources", "limits", "memory"));
        Assert.Equal(["-conf", "/etc/minidns/Corefile"], pods.Texts("spec", "template", "spec", "containers", "0", "args"));
    }

    [Fact]
    public void The_cache_on_nodes_has_the_Corefile_that_people_are_shown() =>
        Assert.Equal(
            File.ReadAllText(Repository.PathOf("config", "Corefile.nodelocal")).TrimEnd(),
            Manifest.Of("node-local").Single(m => m.Kind == "ConfigMap").Text("data", "Corefile").TrimEnd());

    [Fact]
    public async Task The_Corefile_serves_a_cluster_with_the_rules_given_and_needs_each_of_them()
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        string[] rules = Rules("base");
        foreach (FakeStreaming streaming in new[] { FakeStreaming.Supported, FakeStreaming.Refused })
        {
            asked.UnionWith(await ServeAsync(streaming, rules, external: "", "web.default.svc.cluster.local"));
        }

        Assert.Equal(rules.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Host_names_are_served_with_the_rules_given_and_need_each_of_them()
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        string[] rules = [.. Rules("base"), .. Rules("host-names")];
        foreach (FakeStreaming streaming in new[] { FakeStreaming.Supported, FakeStreaming.Refused })
        {
            asked.UnionWith(await ServeAsync(streaming, rules, "k8s_external example.org {\nhostnames\nfallthrough\n}", "app.example.org", "api.example.org"));
        }

        Assert.Equal(rules.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
        Manifest binding = Manifest.Of("host-names").Single(m => m.Kind == "ClusterRoleBinding");
        Assert.Equal(Manifest.Of("base").Single(m => m.Kind == "ServiceAccount").Name, binding.Text("subjects", "0", "name"));
        Assert.Equal("kube-system", binding.Text("subjects", "0", "namespace"));
        Assert.Equal(Manifest.Of("host-names").Single(m => m.Kind == "ClusterRole").Name, binding.Text("roleRef", "name"));
    }

    /// <summary>Runs the ConfigMap's Corefile as a pod would, with an API server that allows what the ClusterRoles allow.</summary>
    /// <returns>What was asked for.</returns>
    private async Task<IEnumerable<string>> ServeAsync(FakeStreaming streaming, string[] rules, string external, params string[] names)
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync(tls: true);
        api.Streaming = streaming;
        api.Tokens = new HashSet<string> { "pod" };
        api.Forbids = r => !rules.Contains(Permission(r));
        api.Apply(KubeObjects.Namespace("default"));
        api.Apply(KubeObjects.Service("default", "web", "10.96.0.20"));
        api.Apply(KubeObjects.Slice("default", "web", "x", "10.1.0.1"));
        api.Install(FakeApiResource.Gateways("v1"));
        api.Install(FakeApiResource.HttpRoutes("v1"));
        api.Apply("""
            {"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": "app", "namespace": "default"},
             "spec": {"rules": [{"host": "app.example.org"}]}, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.20"}]}}}
            """);
        api.Apply("""
            {"kind": "Gateway", "apiVersion": "gateway.networking.k8s.io/v1", "metadata": {"name": "edge", "namespace": "default"},
             "spec": {"listeners": [{"name": "http"}]}, "status": {"addresses": [{"type": "IPAddress", "value": "192.0.2.20"}]}}
            """);
        api.Apply("""
            {"kind": "HTTPRoute", "apiVersion": "gateway.networking.k8s.io/v1", "metadata": {"name": "api", "namespace": "default"},
             "spec": {"hostnames": ["api.example.org"], "parentRefs": [{"name": "edge"}]}}
            """);

        using var directory = new TestDirectory();
        string account = Path.Combine(directory.Path, "account");
        Directory.CreateDirectory(account);
        await File.WriteAllTextAsync(Path.Combine(account, "ca.crt"), api.Certificates!.Authority);
        await File.WriteAllTextAsync(Path.Combine(account, "token"), "pod");
        string kubeconfig = directory.Write("config", $$"""
            current-context: pod
            contexts: [{name: pod, context: {cluster: here, user: pod} }]
            clusters: [{name: here, cluster: {server: '{{api.Address}}', certificate-authority: '{{account}}/ca.crt'} }]
            users: [{name: pod, user: {tokenFile: '{{account}}/token'} }]
            """);
        string resolv = directory.Write("resolv.conf", "nameserver 127.0.0.1\n");

        // As it is, but for the ports, the upstreams, and the way to the API server, which a pod is given in its environment.
        string corefile = Manifest.Of("base").Single(m => m.Kind == "ConfigMap").Text("data", "Corefile")
            .Replace(".:53 {", ".:0 {\n    bind 127.0.0.1", StringComparison.Ordinal)
            .Replace("health {", "health 127.0.0.1:0 {", StringComparison.Ordinal)
            .Replace("prometheus :9153", "prometheus 127.0.0.1:0", StringComparison.Ordinal)
            .Replace("lameduck 5s", "lameduck 0s", StringComparison.Ordinal)
            .Replace("ready\n", "ready 127.0.0.1:0\n", StringComparison.Ordinal)
            .Replace("    loop\n", "\n", StringComparison.Ordinal)
            .Replace("/etc/resolv.conf", resolv, StringComparison.Ordinal)
            .Replace("cache 30", external + "\n        cache 30", StringComparison.Ordinal)
            .Replace("pods insecure", $"pods insecure\n        kubeconfig {kubeconfig}", StringComparison.Ordinal);
        await using ServerProcess server = await ServerProcess.StartAsync(directory, corefile);
        foreach (string name in names)
        {
            await Eventually.TrueAsync(
                async () => (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+short", "+tries=1", name)).Output.Trim() == (name.EndsWith(".local", StringComparison.Ordinal) ? "10.96.0.20" : "192.0.2.20"),
                () => name + "\n" + server.Transcript + "\n" + string.Join('\n', api.Requests));
        }

        int watches = rules.Count(r => r.EndsWith(" watch", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => api.Watches.Count == watches, () => string.Join('\n', api.Requests));
        return [.. api.Requests.Select(Permission)];
    }

    [Theory]
    [InlineData("base")]
    [InlineData("node-local")]
    public async Task The_Corefile_starts_as_it_is(string directory)
    {
        string corefile = Manifest.Of(directory).Single(m => m.Kind == "ConfigMap").Text("data", "Corefile");
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerLaunch
        {
            Directory = host.Directory.Path,
            Prefix = [.. host.Network.Exec, "env", "KUBERNETES_SERVICE_HOST=192.0.2.1", "KUBERNETES_SERVICE_PORT=443"],
            Arguments = ["-conf", host.Directory.Write("Corefile.kubernetes", corefile)],
        });
        Assert.NotEmpty(server.Addresses);
    }

    private static string Permission(FakeApiRequest r) => $"{r.Group}/{r.Resource} {r.Verb}";

    private static string[] Rules(string directory)
    {
        Manifest role = Manifest.Of(directory).Single(m => m.Kind == "ClusterRole");
        return [.. from rule in Items(role, "rules")
                   from ns in Texts(rule, "apiGroups")
                   from resource in Texts(rule, "resources")
                   from verb in Texts(rule, "verbs")
                   select $"{ns}/{resource} {verb}"];
    }

    private static void AssertSelects(IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        Assert.All(selector, s => Assert.Equal(s.Value, labels.GetValueOrDefault(s.Key)));

    private static IEnumerable<YamlMappingNode> Items(Manifest manifest, params string[] path) => ((YamlSequenceNode)manifest.At(path)).Children.Cast<YamlMappingNode>();

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node.Children[new YamlScalarNode(key)]).Value!;

    private static IEnumerable<string> Texts(YamlMappingNode node, string key) => ((YamlSequenceNode)node.Children[new YamlScalarNode(key)]).Children.Select(c => ((YamlScalarNode)c).Value!);
}
