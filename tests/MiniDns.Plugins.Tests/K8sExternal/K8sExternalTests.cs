using MiniDns.Plugins.Capabilities;
using MiniDns.Plugins.Tests.Kubernetes;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.K8sExternal.ExternalObjects;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.K8sExternal;

public sealed class K8sExternalTests
{
    private static readonly string Cluster =
        Seen("ns/web", "192.0.2.1, 2001:db8::1", ports: ["http/TCP/80", "dns/UDP/53"])
        + Seen("ns/lb", ingress: "192.0.2.2")
        + Seen("ns/elb", ingress: "elb.example.net, elb2.example.net")
        + Seen("ns/both", "192.0.2.3", "elb.example.net")
        + Seen("ns/inside")
        + Service("ns/db", "None", "pg/TCP/5432") + Slice("ns/db/db-a", ["10.1.0.1 hostname: db-0", "10.1.0.2"], ["pg/TCP/5432"])
        + Seen("hidden/web", "192.0.2.9");

    [Theory]
    [InlineData("web.ns.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.1")]
    [InlineData("web.ns.example.org.", DnsRecordType.AAAA, "NoError | @ AAAA 2001:db8::1")]
    [InlineData("web.ns.example.org.", DnsRecordType.SRV, "NoError | @ SRV 0 25 80 web.ns.example.org. | @ SRV 0 25 53 web.ns.example.org. ++ @ A 192.0.2.1 ++ @ AAAA 2001:db8::1")]
    [InlineData("_http._tcp.web.ns.example.org.", DnsRecordType.SRV, "NoError | @ SRV 0 50 80 web.ns.example.org. ++ web.ns.example.org. A 192.0.2.1 ++ web.ns.example.org. AAAA 2001:db8::1")]
    [InlineData("_HtTp._TcP.WeB.nS.eXaMpLe.OrG.", DnsRecordType.SRV, "NoError | @ SRV 0 50 80 web.ns.example.org. ++ web.ns.example.org. A 192.0.2.1 ++ web.ns.example.org. AAAA 2001:db8::1")]
    [InlineData("_http._udp.web.ns.example.org.", DnsRecordType.SRV, "NameError // example.org. SOA")]
    [InlineData("_tcp.web.ns.example.org.", DnsRecordType.SRV, "NoError // example.org. SOA")]
    [InlineData("web.ns.example.org.", DnsRecordType.MX, "NoError // example.org. SOA")]
    [InlineData("x.web.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("a.b.c.web.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("lb.ns.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.2")]
    [InlineData("lb.ns.example.org.", DnsRecordType.AAAA, "NoError // example.org. SOA")]
    [InlineData("elb.ns.example.org.", DnsRecordType.A, "NoError | @ CNAME elb.example.net. | elb.example.net. A 198.51.100.7")]
    [InlineData("elb.ns.example.org.", DnsRecordType.CNAME, "NoError | @ CNAME elb.example.net.")]
    [InlineData("elb.ns.example.org.", DnsRecordType.SRV, "NoError | @ SRV 0 50 80 elb.example.net. | @ SRV 0 50 80 elb2.example.net.")]
    [InlineData("both.ns.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.3")]
    [InlineData("inside.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("db.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("ns.example.org.", DnsRecordType.A, "NoError // example.org. SOA")]
    [InlineData("web.hidden.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("1.2.0.192.in-addr.arpa.", DnsRecordType.PTR, "NoError | @ PTR web.ns.example.org.")]
    [InlineData("1.2.0.192.in-addr.arpa.", DnsRecordType.A, "NoError // 192.in-addr.arpa. SOA")]
    [InlineData("2.0.192.in-addr.arpa.", DnsRecordType.PTR, "NoError // 192.in-addr.arpa. SOA")]
    [InlineData("3.0.192.in-addr.arpa.", DnsRecordType.PTR, "NameError // 192.in-addr.arpa. SOA")]
    [InlineData("9.2.0.192.in-addr.arpa.", DnsRecordType.PTR, "NameError // 192.in-addr.arpa. SOA")]
    [InlineData("example.org.", DnsRecordType.A, "NoError // @ SOA")]
    [InlineData("dns.example.org.", DnsRecordType.A, "NoError // example.org. SOA")]
    [InlineData("ns2.dns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    public async Task Names_have_what_services_have_outside(string name, DnsRecordType type, string reply)
    {
        await using ClusterSetting cluster = await StartAsync("");
        Assert.Equal(reply, cluster.Say(name, type));
    }

    [Theory]
    [InlineData("db.ns.example.org.", DnsRecordType.A, "NoError | @ A 10.1.0.1 | @ A 10.1.0.2")]
    [InlineData("db.ns.example.org.", DnsRecordType.AAAA, "NoError // example.org. SOA")]
    [InlineData("db-0.db.ns.example.org.", DnsRecordType.A, "NoError | @ A 10.1.0.1")]
    [InlineData("10-1-0-2.db.ns.example.org.", DnsRecordType.SRV, "NoError | @ SRV 0 100 5432 10-1-0-2.db.ns.example.org. ++ @ A 10.1.0.2")]
    [InlineData("_pg._tcp.db.ns.example.org.", DnsRecordType.SRV,
        "NoError | @ SRV 0 50 5432 db-0.db.ns.example.org. | @ SRV 0 50 5432 10-1-0-2.db.ns.example.org. ++ db-0.db.ns.example.org. A 10.1.0.1 ++ 10-1-0-2.db.ns.example.org. A 10.1.0.2")]
    [InlineData("_tcp.db.ns.example.org.", DnsRecordType.SRV, "NoError // example.org. SOA")]
    [InlineData("db-9.db.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    [InlineData("web.ns.example.org.", DnsRecordType.A, "NoError | @ A 192.0.2.1")]
    [InlineData("inside.ns.example.org.", DnsRecordType.A, "NameError // example.org. SOA")]
    public async Task With_headless_endpoints_are_answered(string name, DnsRecordType type, string reply)
    {
        await using ClusterSetting cluster = await StartAsync("headless");
        Assert.Equal(reply, cluster.Say(name, type));
    }

    [Fact]
    public async Task The_apex_has_SOA_and_NS_by_its_own_label()
    {
        await using ClusterSetting cluster = await StartAsync("apex Servers\nttl 77");
        var soa = new ParsedMessage(cluster.Server.Chain.Ask("example.org.", DnsRecordType.SOA).Span).Records.Single();
        Assert.StartsWith("ns1.servers.example.org. hostmaster.servers.example.org. ", Rdata(soa), StringComparison.Ordinal);
        Assert.EndsWith(" 7200 1800 86400 77", Rdata(soa), StringComparison.Ordinal);
        Assert.Equal(77u, soa.Ttl);
        Assert.StartsWith("NoError | @ NS ns1.servers.example.org.", cluster.Say("example.org.", DnsRecordType.NS), StringComparison.Ordinal);
        Assert.StartsWith("NoError", cluster.Say("ns1.servers.example.org."), StringComparison.Ordinal);
        Assert.Equal("NameError // example.org. SOA", cluster.Say("dns.example.org."));
    }

    [Theory]
    [InlineData("fallthrough", "nothing.ns.example.org.", "NoError ++ @ A 127.0.0.1")]
    [InlineData("fallthrough example.com", "nothing.ns.example.org.", "NameError // example.org. SOA")]
    [InlineData("fallthrough", "lb.ns.example.org.", "NoError // example.org. SOA")]
    public async Task Fallthrough_passes_on_names_that_are_not_there(string property, string name, string reply)
    {
        await using ClusterSetting cluster = await StartAsync(property);
        Assert.StartsWith(reply, cluster.Say(name, name.StartsWith("lb", StringComparison.Ordinal) ? DnsRecordType.AAAA : DnsRecordType.A), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transferred_zone_says_what_answers_say()
    {
        await using ClusterSetting cluster = await StartAsync("headless");
        List<string> records = Transfer(cluster, "Example.org.");
        Assert.StartsWith("example.org. SOA ns1.dns.example.org.", records[0], StringComparison.Ordinal);
        string[] expected =
        [
            "_dns._udp.web.ns.example.org. SRV 0 50 53 web.ns.example.org.",
            "_http._tcp.both.ns.example.org. SRV 0 50 80 both.ns.example.org.",
            "_http._tcp.both.ns.example.org. SRV 0 50 80 elb.example.net.",
            "_http._tcp.elb.ns.example.org. SRV 0 50 80 elb.example.net.",
            "_http._tcp.elb.ns.example.org. SRV 0 50 80 elb2.example.net.",
            "_http._tcp.lb.ns.example.org. SRV 0 100 80 lb.ns.example.org.",
            "_http._tcp.web.ns.example.org. SRV 0 50 80 web.ns.example.org.",
            "_pg._tcp.db.ns.example.org. SRV 0 50 5432 10-1-0-2.db.ns.example.org.",
            "_pg._tcp.db.ns.example.org. SRV 0 50 5432 db-0.db.ns.example.org.",
            "10-1-0-2.db.ns.example.org. A 10.1.0.2",
            "10-1-0-2.db.ns.example.org. SRV 0 100 5432 10-1-0-2.db.ns.example.org.",
            "both.ns.example.org. A 192.0.2.3",
            "both.ns.example.org. SRV 0 50 80 both.ns.example.org.",
            "both.ns.example.org. SRV 0 50 80 elb.example.net.",
            "db-0.db.ns.example.org. A 10.1.0.1",
            "db-0.db.ns.example.org. SRV 0 100 5432 db-0.db.ns.example.org.",
            "db.ns.example.org. A 10.1.0.1",
            "db.ns.example.org. A 10.1.0.2",
            "db.ns.example.org. SRV 0 50 5432 10-1-0-2.db.ns.example.org.",
            "db.ns.example.org. SRV 0 50 5432 db-0.db.ns.example.org.",
            "elb.ns.example.org. CNAME elb.example.net.",
            "elb.ns.example.org. SRV 0 50 80 elb.example.net.",
            "elb.ns.example.org. SRV 0 50 80 elb2.example.net.",
            "lb.ns.example.org. A 192.0.2.2",
            "lb.ns.example.org. SRV 0 100 80 lb.ns.example.org.",
            "web.ns.example.org. A 192.0.2.1",
            "web.ns.example.org. AAAA 2001:db8::1",
            "web.ns.example.org. SRV 0 25 53 web.ns.example.org.",
            "web.ns.example.org. SRV 0 25 80 web.ns.example.org.",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), records.Where(r => r.Contains(".ns.example.org.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("1.2.0.192.in-addr.arpa. PTR web.ns.example.org.", Transfer(cluster, "192.in-addr.arpa."));
    }

    [Theory]
    [InlineData("k8s_external example.org", true)]
    [InlineData("k8s_external example.org 10.0.0.0/8 {\n headless\n apex dns\n ttl 5\n hostnames\n fallthrough\n}", true)]
    [InlineData("k8s_external example.org {\n hostnames ingress gateway service\n}", true)]
    [InlineData("k8s_external example.org {\n hostnames pods\n}", false)]
    [InlineData("k8s_external example.org {\n ttl 3601\n}", false)]
    [InlineData("k8s_external example.org {\n ttl -1\n}", false)]
    [InlineData("k8s_external example.org {\n ttl\n}", false)]
    [InlineData("k8s_external example.org {\n apex\n}", false)]
    [InlineData("k8s_external example.org {\n apex a.b\n}", false)]
    [InlineData("k8s_external example.org {\n other\n}", false)]
    [InlineData("k8s_external example.org\nk8s_external example.com", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        PluginHarness server = PluginHarness.Stanza("kubernetes cluster.local {\nmanifests none\n}\n" + lines);
        Assert.True(server.IsAccepted == isAccepted, server.Errors);
    }

    [Fact]
    public void Without_kubernetes_it_is_refused()
    {
        PluginHarness server = PluginHarness.Stanza("k8s_external example.org");
        Assert.Contains("put 'kubernetes' into this server block", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_the_cluster_is_known_a_name_is_neither_denied_nor_passed_on()
    {
        ClusterSetting cluster = ClusterSetting.Of(PluginHarness.Stanza("kubernetes cluster.local {\nmanifests none\n}\nk8s_external example.org {\nfallthrough\n}"));
        Assert.Equal("ServerFailure !NotReady", cluster.Say("web.ns.example.org."));
        Assert.StartsWith("NoError", cluster.Say("example.org.", DnsRecordType.SOA), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_costs_no_allocation()
    {
        await using ClusterSetting cluster = await StartAsync("headless\nhostnames");
        foreach ((string name, DnsRecordType type) in new[] { ("web.ns.example.org.", DnsRecordType.A), ("_pg._tcp.db.ns.example.org.", DnsRecordType.SRV), ("nothing.ns.example.org.", DnsRecordType.A), ("1.2.0.192.in-addr.arpa.", DnsRecordType.PTR) })
        {
            int length = cluster.Server.Chain.Begin(name, type);
            AllocationAssert.None(() =>
            {
                cluster.Server.Chain.BeginAgain(length);
                cluster.Server.Chain.Run();
            });
        }
    }

    private static Task<ClusterSetting> StartAsync(string properties) => ClusterSetting.StartAsync(
        Cluster, "namespaces ns", others: $"k8s_external example.org 192.0.0.0/8 {{\n{properties}\n}}\nhosts /dev/null example.net {{\n198.51.100.7 elb.example.net\n}}\nwhoami");

    private static List<string> Transfer(ClusterSetting cluster, string origin)
    {
        DnsName name = DnsName.Parse(origin);
        List<string> lines = [];
        foreach (ITransferSource source in cluster.Server.AllProvided<ITransferSource>())
        {
            if (source.TryGetZone(name.View, out ITransferZone? zone))
            {
                ITransferRecords records = zone!.OpenRecords();
                while (records.TryRead(out RRsetView set))
                {
                    foreach (ReadOnlySpan<byte> rdata in set)
                    {
                        lines.Add($"{set.Owner.ToString()} {set.Type} {Protocol.Presentation.RdataText.Format(set.Type, rdata)}");
                    }
                }
            }
        }

        return lines;
    }

    private static string Rdata(ParsedMessage.Record record) => Protocol.Presentation.RdataText.Format(record.Type, Convert.FromHexString(record.Rdata));
}
