using System.Net;
using System.Text;
using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Kubernetes;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Kubernetes;

public class MetadataTests
{
    [Theory]
    [InlineData("kubernetes/kind", "_http._tcp.web.ns.svc.cluster.local.", "svc")]
    [InlineData("kubernetes/kind", "10-0-0-1.ns.pod.cluster.local.", "pod")]
    [InlineData("kubernetes/namespace", "Web.Ns.svc.cluster.local.", "ns")]
    [InlineData("kubernetes/service", "_http._tcp.web.ns.svc.cluster.local.", "web")]
    [InlineData("kubernetes/port-name", "_http._tcp.web.ns.svc.cluster.local.", "http")]
    [InlineData("kubernetes/protocol", "_http._tcp.web.ns.svc.cluster.local.", "tcp")]
    [InlineData("kubernetes/endpoint", "db-0.db.ns.svc.cluster.local.", "db-0")]
    [InlineData("kubernetes/endpoint", "db.ns.svc.cluster.local.", "")]
    [InlineData("kubernetes/zone", "a.b.pin._zone.db.ns.svc.cluster.local.", "a.b")]
    [InlineData("kubernetes/service", "www.example.org.", null)]
    [InlineData("kubernetes/service", "web.ns.cluster.local.", null)]
    [InlineData("kubernetes/parse-error", "web.ns.cluster.local.", "invalid query name")]
    [InlineData("kubernetes/client-namespace", "www.example.org.", "ns")]
    [InlineData("kubernetes/client-pod-name", "www.example.org.", "asker")]
    [InlineData("kubernetes/client-label/app", "www.example.org.", "curious")]
    [InlineData("kubernetes/client-label/other", "www.example.org.", null)]
    public void Tells_what_the_name_says_and_who_asks(string label, string name, string? value)
    {
        var options = new KubernetesOptions { Zones = [DnsName.Parse("cluster.local.")], Zonal = true, Pods = PodMode.Verified };
        var services = new DnsServices(new TestLoggerFactory(), new TestTimeProvider(), new MetricRegistry(), new HostFacts("MiniDns-test", "test"));
        var cluster = new KubernetesCluster(options, services, new EndpointOptions(), previous: null);
        cluster.Wire([], needsPodLabels: true);
        ClusterWatch pods = cluster.Store.Watches.Single(w => w.Resource == ClusterResource.Pod);
        var builder = new ClusterObjectBuilder(ClusterFields.PodLabels);
        builder.Begin(ClusterResource.Pod);
        builder.SetNamespace("ns"u8);
        builder.SetName("asker"u8);
        builder.AddLabel("app"u8, "curious"u8);
        builder.AddPodIP("10.1.0.1"u8);
        builder.Build(out ClusterObject? pod);
        cluster.Store.Put(pods, pod!);

        var query = new DnsQuery(512, 512);
        Assert.Equal(QueryVerdict.Accept, query.Begin(query.WriteQuestion(DnsName.Parse(name).View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: false), DnsTransport.Udp));
        query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse("10.1.0.1"), 4000));
        var source = new KubernetesMetadata(cluster, new KubernetesZones(options));
        byte[] text = new byte[100];
        bool isThere = source.TryRead(query, source.IndexOf(label), text, out int length);
        Assert.Equal(value, isThere ? Encoding.UTF8.GetString(text, 0, length) : null);
    }
}
