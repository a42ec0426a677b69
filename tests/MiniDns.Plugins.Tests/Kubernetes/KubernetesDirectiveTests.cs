using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Kubernetes;

public class KubernetesDirectiveTests
{
    [Theory]
    [InlineData("kubernetes cluster.local")]
    [InlineData("kubernetes 10.0.0.0/17 cluster.local {\nendpoint http://localhost:9090 http://localhost:9091\n}")]
    [InlineData("kubernetes cluster.local {\nendpoint https://192.0.2.1:6443\ntls cert key ca\nnamespaces demo test\nlabels environment in (production, staging, qa),application=nginx\nfallthrough\n}")]
    [InlineData("kubernetes cluster.local {\nkubeconfig file context\napiserver_qps 2.5\napiserver_burst 7\napiserver_max_inflight 0\n}")]
    [InlineData("kubernetes cluster.local {\nnamespace_labels istio-injection=enabled\npods verified\nendpoint_pod_names\nttl 0\nnegttl 0\nignore empty_service\n}")]
    [InlineData("kubernetes cluster.local clusterset.local {\nmulticluster clusterset.local\nzonal\nstartup_timeout 0s\n}")]
    [InlineData("kubernetes cluster.local {\nmanifests a.yaml b\nsnapshot state\n}")]
    [InlineData("kubernetes cluster.local {\nendpoint http://localhost:1\n}\nkubernetes cluster.local {\nendpoint http://localhost:2\n}")]
    public void Accepts(string stanza) => Assert.Equal(string.Empty, PluginHarness.Stanza(stanza).Errors);

    [Fact]
    public void A_kubeconfig_that_is_not_there_is_warned_of() =>
        Assert.Equal(
            "Corefile:3:12: warning: kubernetes: kubeconfig: there is no file '/nowhere/config' (yet): the cluster is not asked before there is",
            Assert.Single(PluginHarness.Stanza("kubernetes cluster.local {\nkubeconfig /nowhere/config\n}").Diagnostics.Items).ToString());

    [Theory]
    [InlineData("kubernetes 10.in-addr.arpa", "Corefile:2:1: error: kubernetes: only reverse zones are given")]
    [InlineData("kubernetes a.local {\nnamespaces foo\nnamespace_labels a=b\n}", "Corefile:4:1: error: kubernetes: 'namespaces' and 'namespace_labels' exclude each other")]
    [InlineData("kubernetes a.local {\nendpoint\n}", "Corefile:3:1: error: kubernetes: endpoint: the URL of an API server is expected after 'endpoint'")]
    [InlineData("kubernetes a.local {\nendpoint ftp://x\n}", "'ftp://x' is not the URL of an API server such as https://192.0.2.1:6443")]
    [InlineData("kubernetes a.local {\nlabels environment in (production, qa\n}", "is not a requirement such as 'key=value'")]
    [InlineData("kubernetes a.local {\npods giant_seed\n}", "Corefile:3:6: error: kubernetes: pods: 'giant_seed'")]
    [InlineData("kubernetes a.local\nkubernetes b.local", "Corefile:3:1: error: kubernetes: this cluster already has a directive at Corefile:2:1")]
    [InlineData("kubernetes a.local {\nkubeconfig a b c\n}", "kubeconfig")]
    [InlineData("kubernetes a.local {\nmulticluster b.local\n}", "b.local. is none of the directive's zones")]
    [InlineData("kubernetes a.local {\napiserver_qps -10\n}", "'-10' is not a number of requests a second")]
    [InlineData("kubernetes a.local {\nzonal\nnoendpoints\n}", "Corefile:3:1: error: kubernetes: 'zonal' needs endpoints")]
    [InlineData("kubernetes a.local {\nttl 3601\n}", "a whole number from 0 to 3600")]
    [InlineData("kubernetes a.local {\nmanifests x\nendpoint http://localhost\n}", "Corefile:4:1: error: kubernetes: 'manifests' takes the place of an API server")]
    [InlineData("kubernetes a.local {\npod verified\n}", "unknown property 'pod'; did you mean 'pods'?")]
    public void Refuses(string stanza, string error) => Assert.Contains(error, PluginHarness.Stanza(stanza).Errors, StringComparison.Ordinal);
}
