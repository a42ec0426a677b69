using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>Queries cost no memory; large services fit or are cut off.</summary>
public class CostTests
{
    private static readonly string Cluster =
        Service("ns/web", "10.96.0.1, fd00::1", "http/TCP/80") + Service("ns/db", "None", "sql/TCP/5432")
        + Slice("ns/db/db-a", ["10.1.0.1 hostname: db-0", "10.1.0.2"], ["sql/TCP/5432"])
        + Service("ns/large", "None", "http/TCP/80")
        + string.Concat(Enumerable.Range(0, 20).Select(s => Slice($"ns/large/large-{s}", [.. Enumerable.Range(0, 100).Select(i => $"10.2.{s}.{i}")], ["http/TCP/80"])))
        + Pod("ns/p", "10.1.0.1");

    [Theory]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.AAAA)]
    [InlineData("_http._tcp.web.ns.svc.cluster.local.", DnsRecordType.SRV)]
    [InlineData("db.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("db-0.db.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("10-1-0-2.db.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("_sql._tcp.db.ns.svc.cluster.local.", DnsRecordType.SRV)]
    [InlineData("large.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("10-1-0-1.ns.pod.cluster.local.", DnsRecordType.A)]
    [InlineData("1.0.96.10.in-addr.arpa.", DnsRecordType.PTR)]
    [InlineData("1.0.1.10.in-addr.arpa.", DnsRecordType.PTR)]
    [InlineData("1.10.in-addr.arpa.", DnsRecordType.PTR)]
    [InlineData("gone.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("cluster.local.", DnsRecordType.NS)]
    public async Task Queries_allocate_nothing(string name, DnsRecordType type)
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "pods verified", "cluster.local in-addr.arpa");
        ChainHarness chain = cluster.Server.Chain;
        int length = chain.Begin(name, type);
        AllocationAssert.None(() =>
        {
            chain.BeginAgain(length);
            chain.Run();
        });
    }

    [Fact]
    public async Task Service_records_whose_addresses_do_not_fit_are_asked_for_again_over_TCP()
    {
        string[] endpoints = [.. Enumerable.Range(1, 8).Select(i => "10.3.0." + i)];
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Service("ns/some", "None", "a/TCP/1") + Slice("ns/some/some-a", endpoints, ["a/TCP/1"]));
        Assert.True(new ParsedMessage(cluster.Server.Chain.Ask("some.ns.svc.cluster.local.", DnsRecordType.SRV).Span).Header.IsTruncated);
        var whole = new ParsedMessage(cluster.Server.Chain.Ask("some.ns.svc.cluster.local.", DnsRecordType.SRV, dnssecOk: true).Span);
        Assert.False(whole.Header.IsTruncated);
        Assert.Equal(16, whole.Records.Count);
    }

    [Fact]
    public async Task A_large_service_has_all_its_addresses_over_TCP()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster);
        ReadOnlyMemory<byte> reply = cluster.Server.Chain.Ask("large.ns.svc.cluster.local.", DnsRecordType.A, transport: Queries.DnsTransport.Tcp);
        Assert.Equal(2000, new ParsedMessage(reply.Span).Records.Count);
    }

    [Fact]
    public async Task Service_records_that_do_not_fit_are_cut_off()
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster);
        ReadOnlyMemory<byte> reply = cluster.Server.Chain.Ask("_http._tcp.large.ns.svc.cluster.local.", DnsRecordType.SRV, transport: Queries.DnsTransport.Tcp);
        var message = new ParsedMessage(reply.Span);
        Assert.True(message.Header.IsTruncated);
        Assert.True(message.Records.Count > 300);
    }
}
