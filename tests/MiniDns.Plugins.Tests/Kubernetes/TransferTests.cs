using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

public class TransferTests
{
    private const string Http = "http/TCP/80";

    private static readonly string Cluster =
        Service("ns/web", "10.96.0.1, fd00::1", Http, "/UDP/9")
        + Service("ns/db", "None", Http)
        + Slice("ns/db/db-a", ["10.1.0.1 hostname: db-0", "10.1.0.2"], [Http])
        + External("ns/out", "www.example.org")
        + Service("hidden/web", "10.96.0.9", Http);

    [Fact]
    public async Task A_zone_has_services_and_endpoints_of_namespaces_that_are_shown()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "namespaces ns");
        string[] expected =
        [
            "10-1-0-2.db.ns.svc.cluster.local. A 10.1.0.2",
            "_http._tcp.db.ns.svc.cluster.local. SRV 0 50 80 10-1-0-2.db.ns.svc.cluster.local.",
            "_http._tcp.db.ns.svc.cluster.local. SRV 0 50 80 db-0.db.ns.svc.cluster.local.",
            "_http._tcp.web.ns.svc.cluster.local. SRV 0 100 80 web.ns.svc.cluster.local.",
            "db-0.db.ns.svc.cluster.local. A 10.1.0.1",
            "db.ns.svc.cluster.local. A 10.1.0.1",
            "db.ns.svc.cluster.local. A 10.1.0.2",
            "out.ns.svc.cluster.local. CNAME www.example.org.",
            "web.ns.svc.cluster.local. A 10.96.0.1",
            "web.ns.svc.cluster.local. AAAA fd00::1",
            "web.ns.svc.cluster.local. SRV 0 100 80 web.ns.svc.cluster.local.",
            "web.ns.svc.cluster.local. SRV 0 100 9 web.ns.svc.cluster.local.",
        ];
        Assert.True(Source(cluster).TryGetZone(DnsName.Parse("Cluster.local.").View, out ITransferZone? zone));
        List<string> records = Read(zone!.OpenRecords());
        Assert.StartsWith("cluster.local. SOA ns.dns.cluster.local. hostmaster.cluster.local.", records[0], StringComparison.Ordinal);
        Assert.Equal(expected, records.Where(r => r.Contains(".svc.", StringComparison.Ordinal) && !r.StartsWith("cluster.local.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_the_directive_s_own_zones_are_its()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster);
        Assert.False(Source(cluster).TryGetZone(DnsName.Parse("svc.cluster.local.").View, out _));
        Assert.False(Source(cluster).TryGetZone(DnsName.Parse("local.").View, out _));
    }

    private static ITransferSource Source(ClusterSetting setting) => setting.Server.Provided<ITransferSource>();

    private static List<string> Read(ITransferRecords records)
    {
        List<string> lines = [];
        while (records.TryRead(out RRsetView set))
        {
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                lines.Add($"{set.Owner.ToString()} {set.Type} {Protocol.Presentation.RdataText.Format(set.Type, rdata)}");
            }
        }

        return lines;
    }
}
