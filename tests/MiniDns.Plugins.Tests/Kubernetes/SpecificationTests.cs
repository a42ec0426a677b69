using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>The Kubernetes DNS specification 1.1.0, statement by statement, and what CoreDNS does beyond it.</summary>
public sealed class SpecificationTests : IAsyncLifetime
{
    private const string Http = "http/TCP/80";

    private static readonly string Cluster =
        Namespace("empty")
        + Service("ns/web", "10.96.0.1, fd00::1", Http, "https/TCP/443")
        + Service("ns/four", "10.96.0.4", Http, "/UDP/9000")
        + Service("ns/portless", "10.96.0.9")
        + Slice("ns/four/four-a", ["10.1.0.40"], [Http])
        + Service("ns/db", "None", "sql/TCP/5432")
        + Slice("ns/db/db-a", ["10.1.0.1 hostname: db-0", "10.1.0.2 hostname: db-1", "10.1.0.3", "10.1.0.9 conditions: { ready: false }"], ["sql/TCP/5432"])
        + Slice("ns/db/db-b", ["fd00:1::1 hostname: db-0", "fd00:2::"], ["sql/TCP/5432"])
        + Service("ns/six", "None", Http)
        + Slice("ns/six/six-a", ["fd00:6::1"], [Http])
        + Service("ns/idle", "None", Http)
        + Slice("ns/idle/idle-a", ["10.1.0.99 conditions: { ready: false }"], [Http])
        + Service("ns/other", "None", Http)
        + Slice("ns/other/other-a", ["10.1.0.1"], [Http])
        + Service("ns/ready", "None", Http)
        + Slice("ns/ready/ready-a", ["10.1.1.1", "10.1.1.2 conditions: { ready: null }", "10.1.1.3 conditions: { ready: true, serving: false, terminating: true }",
            "10.1.1.4 conditions: { ready: false, serving: true }"], [Http])
        + External("ns/out", "www.example.org")
        + External("ns/in", "web.ns.svc.cluster.local")
        + External("ns/nowhere", "gone.ns.svc.cluster.local")
        + External("ns/spelt", "192.0.2.1")
        + External("ns/self", "self.ns.svc.cluster.local")
        + External("ns/ping", "pong.ns.svc.cluster.local")
        + External("ns/pong", "ping.ns.svc.cluster.local");

    private ClusterSetting _cluster = null!;

    public async Task InitializeAsync() => _cluster = await ClusterSetting.StartAsync(
        Cluster, zones: "cluster.local in-addr.arpa ip6.arpa", others: "hosts {\n192.0.2.80 www.example.org\nfallthrough\n}");

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData("dns-version.cluster.local.", "NoError | @ TXT \"1.1.0\"")]
    [InlineData("web.ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("gone.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    public void Statement_1_dns_version(string name, string reply) => Assert.Equal(reply, _cluster.Say(name, DnsRecordType.TXT));

    [Fact]
    public void Statement_1_the_version_lasts_eight_hours() => Assert.Equal([28800u], _cluster.Ttls("dns-version.cluster.local.", DnsRecordType.TXT));

    [Fact]
    public void Statement_2_names_match_in_any_case_and_answer_in_the_case_asked() =>
        Assert.Equal("NoError | @ A 10.96.0.4", _cluster.Say("FouR.Ns.sVc.CLUSTER.local."));

    /// <summary>Hosts have the case that they have in the cluster, and behind it that of the asked zone, in both places alike.</summary>
    [Fact]
    public void Statement_2_a_service_record_and_its_addresses_name_the_host_alike() => Assert.Equal(
        "NoError | @ SRV 0 100 80 four.ns.svc.cLuStEr.LoCaL. ++ four.ns.svc.cLuStEr.LoCaL. A 10.96.0.4",
        _cluster.Say("_HtTp._TcP.FouR.nS.sVc.cLuStEr.LoCaL.", DnsRecordType.SRV));

    [Theory]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.A, "NoError | @ A 10.96.0.1")]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA fd00::1")]
    [InlineData("four.ns.svc.cluster.local.", DnsRecordType.AAAA, "NoError // cluster.local. SOA")]
    public void Statement_3_cluster_addresses_of_both_families(string name, DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say(name, type));

    [Theory]
    [InlineData("_http._tcp.four.ns.svc.cluster.local.", "NoError | @ SRV 0 100 80 four.ns.svc.cluster.local. ++ four.ns.svc.cluster.local. A 10.96.0.4")]
    [InlineData("_https._tcp.four.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("_http._udp.four.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("_._udp.four.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    public void Statement_4_service_records_of_named_ports(string name, string reply) => Assert.Equal(reply, _cluster.Say(name, DnsRecordType.SRV));

    [Fact]
    public void Statement_5_the_target_s_addresses_of_both_families_come_along() => Assert.Equal(
        "NoError | @ SRV 0 50 80 web.ns.svc.cluster.local. ++ web.ns.svc.cluster.local. A 10.96.0.1 ++ web.ns.svc.cluster.local. AAAA fd00::1",
        _cluster.Say("_http._tcp.web.ns.svc.cluster.local.", DnsRecordType.SRV));

    [Theory]
    [InlineData("1.0.96.10.in-addr.arpa.")]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.")]
    public void Statement_6_pointers_of_cluster_addresses(string name) => Assert.Equal("NoError | @ PTR web.ns.svc.cluster.local.", _cluster.Say(name, DnsRecordType.PTR));

    [Theory]
    [InlineData("db.ns.svc.cluster.local.", DnsRecordType.A, "NoError | @ A 10.1.0.1 | @ A 10.1.0.2 | @ A 10.1.0.3")]
    [InlineData("db.ns.svc.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA fd00:1::1 | @ AAAA fd00:2::")]
    [InlineData("idle.ns.svc.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("six.ns.svc.cluster.local.", DnsRecordType.A, "NoError // cluster.local. SOA")]
    public void Statement_7_ready_endpoints_of_a_headless_service(string name, DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say(name, type));

    [Theory]
    [InlineData(DnsRecordType.A, "NoError | @ A 10.1.0.1")]
    [InlineData(DnsRecordType.AAAA, "NoError | @ AAAA fd00:1::1")]
    public void Statement_8_an_endpoint_by_its_host_name(DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say("db-0.db.ns.svc.cluster.local.", type));

    [Theory]
    [InlineData("10-1-0-3.db.ns.svc.cluster.local.", DnsRecordType.A, "NoError | @ A 10.1.0.3")]
    [InlineData("fd00-2--0.db.ns.svc.cluster.local.", DnsRecordType.AAAA, "NoError | @ AAAA fd00:2::")]
    [InlineData("10-1-0-1.db.ns.svc.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("fd00-2-0--0.db.ns.svc.cluster.local.", DnsRecordType.AAAA, "NameError // cluster.local. SOA")]
    [InlineData("10-1-0-9.db.ns.svc.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    public void Statement_9_an_endpoint_without_a_host_name_goes_by_its_address(string name, DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say(name, type));

    [Fact]
    public void Statement_10_service_records_of_a_headless_service() => Assert.Equal(
        "NoError | @ SRV 0 20 5432 db-0.db.ns.svc.cluster.local. | @ SRV 0 20 5432 db-1.db.ns.svc.cluster.local. | @ SRV 0 20 5432 10-1-0-3.db.ns.svc.cluster.local. | @ SRV 0 20 5432 fd00-2--0.db.ns.svc.cluster.local."
        + " ++ db-0.db.ns.svc.cluster.local. A 10.1.0.1 ++ db-1.db.ns.svc.cluster.local. A 10.1.0.2 ++ 10-1-0-3.db.ns.svc.cluster.local. A 10.1.0.3 ++ db-0.db.ns.svc.cluster.local. AAAA fd00:1::1 ++ fd00-2--0.db.ns.svc.cluster.local. AAAA fd00:2::",
        _cluster.Say("_sql._tcp.db.ns.svc.cluster.local.", DnsRecordType.SRV));

    [Theory]
    [InlineData("2.0.1.10.in-addr.arpa.", "NoError | @ PTR db-1.db.ns.svc.cluster.local.")]
    [InlineData("40.0.1.10.in-addr.arpa.", "NoError | @ PTR 10-1-0-40.four.ns.svc.cluster.local.")]
    [InlineData("99.0.1.10.in-addr.arpa.", "NameError // in-addr.arpa. SOA")]
    public void Statement_11_pointers_of_ready_endpoints(string name, string reply) => Assert.Equal(reply, _cluster.Say(name, DnsRecordType.PTR));

    [Fact]
    public void Statement_11_a_pointer_for_each_service()
    {
        string reply = _cluster.Say("1.0.1.10.in-addr.arpa.", DnsRecordType.PTR);
        Assert.Contains("PTR db-0.db.ns.svc.cluster.local.", reply, StringComparison.Ordinal);
        Assert.Contains("PTR 10-1-0-1.other.ns.svc.cluster.local.", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out.ns.svc.cluster.local.", DnsRecordType.CNAME, "NoError | @ CNAME www.example.org.")]
    [InlineData("out.ns.svc.cluster.local.", DnsRecordType.A, "NoError | @ CNAME www.example.org. | www.example.org. A 192.0.2.80")]
    [InlineData("in.ns.svc.cluster.local.", DnsRecordType.A, "NoError | @ CNAME web.ns.svc.cluster.local. | web.ns.svc.cluster.local. A 10.96.0.1")]
    [InlineData("nowhere.ns.svc.cluster.local.", DnsRecordType.A, "NoError // cluster.local. SOA")]
    [InlineData("spelt.ns.svc.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    [InlineData("self.ns.svc.cluster.local.", DnsRecordType.A, "NoError // cluster.local. SOA")]
    [InlineData("ping.ns.svc.cluster.local.", DnsRecordType.A, "NoError // cluster.local. SOA")]
    [InlineData("out.ns.svc.cluster.local.", DnsRecordType.SRV, "NoError // cluster.local. SOA")]
    [InlineData("_http._tcp.out.ns.svc.cluster.local.", DnsRecordType.SRV, "NameError // cluster.local. SOA")]
    [InlineData("x.out.ns.svc.cluster.local.", DnsRecordType.A, "NameError // cluster.local. SOA")]
    public void Statement_12_external_names(string name, DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say(name, type));

    /// <summary>What is not said counts as ready, and the controller says ready where a service publishes those that are not (<c>publishNotReadyAddresses</c>).</summary>
    [Fact]
    public void Statement_13_ready_is_what_the_slice_says() =>
        Assert.Equal("NoError | @ A 10.1.1.1 | @ A 10.1.1.2 | @ A 10.1.1.3", _cluster.Say("ready.ns.svc.cluster.local."));

    /// <summary>1.1.0 dropped them; clusters expect them.</summary>
    [Theory]
    [InlineData("disabled", "NameError // cluster.local. SOA")]
    [InlineData("insecure", "NoError | @ A 10.1.0.1")]
    public async Task Statement_14_pod_records_by_option(string pods, string reply)
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, "pods " + pods);
        Assert.Equal(reply, cluster.Say("10-1-0-1.ns.pod.cluster.local."));
    }

    [Theory]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("_http._tcp.web.ns.svc.cluster.local.", DnsRecordType.SRV)]
    [InlineData("db.ns.svc.cluster.local.", DnsRecordType.AAAA)]
    [InlineData("db-0.db.ns.svc.cluster.local.", DnsRecordType.A)]
    [InlineData("_sql._tcp.db.ns.svc.cluster.local.", DnsRecordType.SRV)]
    [InlineData("out.ns.svc.cluster.local.", DnsRecordType.CNAME)]
    [InlineData("idle.ns.svc.cluster.local.", DnsRecordType.A)]
    public async Task Statement_15_extensions_leave_the_records_of_the_schema_as_they_are(string name, DnsRecordType type)
    {
        await using ClusterSetting extended = await ClusterSetting.StartAsync(Cluster + Pod("ns/db-0", "10.1.0.1"), "pods verified\nendpoint_pod_names\nzonal\nmulticluster clusterset.local", "cluster.local clusterset.local");
        Assert.Equal(_cluster.Say(name, type), extended.Say(name, type));
    }

    [Theory]
    [InlineData("cluster.local.", "NoError // @ SOA")]
    [InlineData("svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("pod.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("empty.svc.cluster.local.", "NoError // cluster.local. SOA")]
    [InlineData("gone.svc.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("web.ns.cluster.local.", "NameError // cluster.local. SOA")]
    [InlineData("a.b.c.web.ns.svc.cluster.local.", "NameError // cluster.local. SOA")]
    public void Statement_16_names_of_the_schema(string name, string reply) => Assert.Equal(reply, _cluster.Say(name));

    [Fact]
    public void Statement_16_other_zones_are_others() => Assert.Equal("Unclaimed", _cluster.Say("example.com."));

    [Theory]
    [InlineData("_tcp.web.ns.svc.cluster.local.")]
    [InlineData("_tcp.db.ns.svc.cluster.local.")]
    [InlineData("1.10.in-addr.arpa.")]
    [InlineData("d.f.ip6.arpa.")]
    [InlineData("dns.cluster.local.")]
    public void Names_above_others_exist(string name) => Assert.StartsWith("NoError //", _cluster.Say(name), StringComparison.Ordinal);

    [Theory]
    [InlineData("_udp.web.ns.svc.cluster.local.")]
    [InlineData("2.10.in-addr.arpa.")]
    [InlineData("e.f.ip6.arpa.")]
    [InlineData("01.0.96.10.in-addr.arpa.")]
    [InlineData("9.1.0.96.10.in-addr.arpa.")]
    public void Names_above_nothing_do_not_exist(string name) => Assert.StartsWith("NameError //", _cluster.Say(name), StringComparison.Ordinal);

    [Theory]
    [InlineData("four.ns.svc.cluster.local.", "NoError | @ SRV 0 50 80 four.ns.svc.cluster.local. | @ SRV 0 50 9000 four.ns.svc.cluster.local. ++ @ A 10.96.0.4")]
    [InlineData("http.tcp.four.ns.svc.cluster.local.", "NoError | @ SRV 0 100 80 four.ns.svc.cluster.local. ++ four.ns.svc.cluster.local. A 10.96.0.4")]
    [InlineData("portless.ns.svc.cluster.local.", "NoError // cluster.local. SOA")]
    public void Statement_17_service_records_without_port_and_without_underscores(string name, string reply) => Assert.Equal(reply, _cluster.Say(name, DnsRecordType.SRV));

    [Fact]
    public void Statement_17_a_service_without_ports_has_its_address() => Assert.Equal("NoError | @ A 10.96.0.9", _cluster.Say("portless.ns.svc.cluster.local."));

    [Fact]
    public void Statement_18_answers_last_five_seconds() => Assert.Equal([5u], _cluster.Ttls("web.ns.svc.cluster.local."));

    [Theory]
    [InlineData("_http._tcp.four.ns.svc.cluster.local.", "SRV 0 100 80 ")]
    [InlineData("four.ns.svc.cluster.local.", "SRV 0 50 80 ")]
    [InlineData("_http._tcp.web.ns.svc.cluster.local.", "SRV 0 50 80 ")]       // two addresses count twice
    [InlineData("_http._tcp.ready.ns.svc.cluster.local.", "SRV 0 33 80 ")]
    public void Statement_18_priority_zero_and_a_hundred_among_them_as_weight(string name, string record) =>
        Assert.Contains(record, _cluster.Say(name, DnsRecordType.SRV), StringComparison.Ordinal);

    [Theory]
    [InlineData("*.ns.svc.cluster.local.")]
    [InlineData("any.ns.svc.cluster.local.")]
    [InlineData("*.db.ns.svc.cluster.local.")]
    [InlineData("web.*.svc.cluster.local.")]
    [InlineData("web.any.svc.cluster.local.")]
    public void Statement_19_there_are_no_wildcards(string name) => Assert.StartsWith("NameError", _cluster.Say(name), StringComparison.Ordinal);

    [Fact]
    public void Statement_20_the_zone_has_a_SOA_record() => Assert.Equal("NoError | @ SOA", _cluster.Say("cluster.local.", DnsRecordType.SOA));

    [Fact]
    public void Statement_20_the_SOA_record_says_when_the_cluster_changed_last()
    {
        var reply = new ParsedMessage(_cluster.Server.Chain.Ask("cluster.local.", DnsRecordType.SOA).Span);
        string soa = Protocol.Presentation.RdataText.Format(DnsRecordType.SOA, Convert.FromHexString(reply.Records.Single().Rdata));
        Assert.Equal($"ns.dns.cluster.local. hostmaster.cluster.local. {_cluster.Server.Time.GetUtcNow().ToUnixTimeSeconds()} 7200 1800 86400 1", soa);
    }

    [Theory]
    [InlineData("10.1.0.1", "NoError | @ NS db-0.db.ns.svc.cluster.local. | @ NS db-1.db.ns.svc.cluster.local.")]        // headless: its endpoints
    [InlineData("10.1.0.40", "NoError | @ NS four.ns.svc.cluster.local. ++ four.ns.svc.cluster.local. A 10.96.0.4")]
    [InlineData("192.0.2.53", "NoError | @ NS ns.dns.cluster.local. ++ ns.dns.cluster.local. A 192.0.2.53")]                 // no service: its own address
    public async Task Statement_20_the_name_servers_are_the_services_of_this_pod(string address, string reply)
    {
        await using ClusterSetting cluster = await ClusterSetting.StartAsync(Cluster, others: "bind " + address);

        // In which order records come does not matter, and is another one from run to run.
        string[] said = cluster.Say("cluster.local.", DnsRecordType.NS).Split(" | ");
        Assert.All(reply.Split(" | "), expected => Assert.Contains(said, s => s.StartsWith(expected, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("web.ns.svc.cluster.local.", DnsRecordType.MX, "NoError // cluster.local. SOA")]
    [InlineData("gone.ns.svc.cluster.local.", DnsRecordType.MX, "NameError // cluster.local. SOA")]
    [InlineData("db.ns.svc.cluster.local.", DnsRecordType.HTTPS, "NoError // cluster.local. SOA")]
    [InlineData("1.0.96.10.in-addr.arpa.", DnsRecordType.A, "NoError // in-addr.arpa. SOA")]
    [InlineData("cluster.local.", DnsRecordType.AXFR, "Refused")]
    public void Statement_21_other_types(string name, DnsRecordType type, string reply) => Assert.Equal(reply, _cluster.Say(name, type));
}
