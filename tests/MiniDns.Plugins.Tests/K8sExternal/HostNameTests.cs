using MiniDns.Plugins.Capabilities;
using MiniDns.Plugins.Tests.Kubernetes;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.K8sExternal.ExternalObjects;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.K8sExternal;

public sealed class HostNameTests
{
    private static readonly string Cluster =
        Ingress("ns/shop", "192.0.2.10, 2001:db8::10", "shop.example.org", "*.apps.example.org", "elsewhere.example.com")
        + Ingress("ns/pending", "", "pending.example.org")
        + Ingress("ns/cloud", "lb.example.net", "cloud.example.org")
        + Gateway("infra/edge", "192.0.2.20", "*.edge.example.org")
        + Gateway("infra/named", "gw.example.net")
        + Route("ns/api", "infra/edge", "api.example.org", "special.apps.example.org")
        + Route("ns/cdn", "infra/named", "cdn.example.org")
        + Route("ns/lost", "nowhere", "lost.example.org")
        + Seen("ns/web", "192.0.2.30", hostname: "WWW.example.org, deep.below.example.org")
        + Seen("ns/mail", ingress: "mx.example.net", hostname: "mail.example.org", annotation: "external-dns.alpha.kubernetes.io/hostname")
        + Seen("ns/peers", hostname: "peers.example.org", clusterIP: "None") + Slice("ns/peers/peers-a", ["10.1.0.1"], ["http/TCP/80"])
        + Seen("ns/other", "192.0.2.31", hostname: "other.example.org", annotation: "example.com/hostname")
        + Ingress("hidden/secret", "192.0.2.99", "secret.example.org");

    [Theory]
    [InlineData("shop.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.10")]
    [InlineData("shop.example.org.", DnsRecordType.AAAA, "NoError | @ AAAA 2001:db8::10")]
    [InlineData("shop.example.org.", DnsRecordType.TXT, "NoError // example.org. SOA")]
    [InlineData("pending.example.org.", DnsRecordType.A, "NoError // example.org. SOA")]
    [InlineData("cloud.example.org.", DnsRecordType.A, "NoError | @ CNAME lb.example.net. | lb.example.net. A 198.51.100.7")]
    [InlineData("api.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.20")]
    [InlineData("cdn.example.org.", DnsRecordType.CNAME, "NoError | @ CNAME gw.example.net.")]
    [InlineData("lost.example.org.", DnsRecordType.A, "NoError // example.org. SOA")]
    [InlineData("www.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.30")]
    [InlineData("deep.below.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.30")]
    [InlineData("below.example.org.", DnsRecordType.A, "NoError // example.org. SOA")]
    [InlineData("x.below.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("mail.example.org.", DnsRecordType.CNAME, "NoError | @ CNAME mx.example.net.")]
    [InlineData("peers.example.org.", DnsRecordType.A, "NoError | @ A 10.1.0.1")]
    [InlineData("other.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("secret.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("web.ns.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.30")]
    public async Task Host_names_lead_to_where_their_objects_are_reached(string name, DnsRecordType type, string reply)
    {
        await using ClusterSetting cluster = await StartAsync("hostnames\nheadless");
        Assert.Equal(reply, cluster.Say(name, type));
    }

    [Theory]
    [InlineData("x.apps.example.org.", "NoError | @ A 192.0.2.10")]
    [InlineData("x.y.apps.example.org.", "NoError | @ A 192.0.2.10")]
    [InlineData("*.apps.example.org.", "NoError | @ A 192.0.2.10")]
    [InlineData("apps.example.org.", "NoError // example.org. SOA")]
    [InlineData("special.apps.example.org.", "NoError | @ A 192.0.2.20")]
    [InlineData("x.special.apps.example.org.", "NameError // example.org. SOA")]
    [InlineData("x.edge.example.org.", "NoError | @ A 192.0.2.20")]
    public async Task Rfc4592_3_3_1_a_wildcard_stands_for_names_that_are_not_there(string name, string reply)
    {
        await using ClusterSetting cluster = await StartAsync("hostnames");
        Assert.Equal(reply, cluster.Say(name));
    }

    [Theory]
    [InlineData("hostnames ingress", "NoError", "NameError", "NameError")]
    [InlineData("hostnames gateway", "NameError", "NoError", "NameError")]
    [InlineData("hostnames service", "NameError", "NameError", "NoError")]
    [InlineData("hostnames gateway service", "NameError", "NoError", "NoError")]
    [InlineData("", "NameError", "NameError", "NameError")]
    public async Task Only_the_kinds_that_are_wanted_count(string property, string ingress, string gateway, string service)
    {
        await using ClusterSetting cluster = await StartAsync(property);
        Assert.StartsWith(ingress, cluster.Say("shop.example.org."), StringComparison.Ordinal);
        Assert.StartsWith(gateway, cluster.Say("api.example.org."), StringComparison.Ordinal);
        Assert.StartsWith(service, cluster.Say("www.example.org."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wildcard_of_the_zone_does_not_hide_namespaces()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(
            Ingress("ns/all", "192.0.2.1", "*.example.org") + Seen("ns/inside"), others: "k8s_external example.org {\nhostnames\n}");
        Assert.Equal("NoError | @ A 192.0.2.1", cluster.Say("any.example.org."));
        Assert.Equal("NoError | @ A 192.0.2.1", cluster.Say("any.thing.example.org."));
        Assert.Equal("NoError // example.org. SOA", cluster.Say("ns.example.org."));
        Assert.Equal("NameError // example.org. SOA", cluster.Say("inside.ns.example.org."));
    }

    [Fact]
    public async Task A_change_is_seen_at_once_and_names_above_it_soon()
    {
        await using ClusterSetting cluster = await StartAsync("hostnames");
        Assert.Equal("NameError // example.org. SOA", cluster.Say("a.new.example.org."));
        await File.WriteAllTextAsync(cluster.File, Cluster + Ingress("ns/new", "192.0.2.77", "a.new.example.org"));
        await Wait.UntilAsync(() => Later(cluster).Say("a.new.example.org.") == "NoError | @ A 192.0.2.77");
        await Wait.UntilAsync(() => Later(cluster).Say("new.example.org.") == "NoError // example.org. SOA");
    }

    [Fact]
    public async Task A_transferred_zone_has_the_host_names_in_it()
    {
        await using ClusterSetting cluster = await StartAsync("hostnames");
        List<string> lines = [];
        foreach (ITransferSource source in cluster.Server.AllProvided<ITransferSource>())
        {
            if (source.TryGetZone(DnsName.Parse("example.org.").View, out ITransferZone? zone))
            {
                ITransferRecords records = zone!.OpenRecords();
                while (records.TryRead(out RRsetView set))
                {
                    lines.Add($"{set.Owner.ToString()} {set.Type}");
                }
            }
        }

        Assert.Equal(lines.Distinct(), lines);
        Assert.Superset(new HashSet<string> { "shop.example.org. A", "shop.example.org. AAAA", "*.apps.example.org. A", "cdn.example.org. CNAME", "www.example.org. A" }, lines.ToHashSet());
        Assert.DoesNotContain(lines, l => l.Contains("secret", StringComparison.Ordinal) || l.Contains("elsewhere", StringComparison.Ordinal));
    }

    /// <summary>Lets the time pass that the watch of the files waits for.</summary>
    private static ClusterSetting Later(ClusterSetting cluster)
    {
        cluster.Server.Time.Advance(TimeSpan.FromSeconds(1));
        return cluster;
    }

    private static Task<ClusterSetting> StartAsync(string properties) => ClusterSetting.StartAsync(
        Cluster, "namespaces ns infra", others: $"k8s_external example.org {{\n{properties}\n}}\nhosts /dev/null example.net {{\n198.51.100.7 lb.example.net\nfallthrough\n}}");
}
