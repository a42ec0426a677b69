using System.Net;
using MiniDns.Plugins;
using MiniDns.Plugins.Autopath;
using MiniDns.Plugins.Tests.Hosts;
using MiniDns.Plugins.Tests.Search;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Autopath;

public sealed class AutopathTests
{
    private const string Http = "http/TCP/80";
    private const string InDefault = ".default.svc.cluster.local.";

    private static readonly string Cluster =
        Service("default/web", "10.96.0.1", Http)
        + Service("default/db", "None", Http) + Slice("default/db/db-a", ["10.1.0.1 hostname: db-0"], [Http])
        + Service("shop/cart", "10.96.0.2, fd00::2", Http)
        + Pod("default/asker", "10.1.0.9") + Pod("shop/buyer", "10.1.0.8, fd00:1::8");

    private static ScriptedPlugin Internet() => new ScriptedPlugin().Host("www.example.org.", "192.0.2.1", "2001:db8::1").Host("v4.example.org.", "192.0.2.4");

    [Theory]
    [InlineData("www.example.org", DnsRecordType.A, "NoError | @ 30 CNAME www.example.org. | www.example.org. 300 A 192.0.2.1")]
    [InlineData("www.example.org", DnsRecordType.AAAA, "NoError | @ 30 CNAME www.example.org. | www.example.org. 300 AAAA 2001:db8::1")]
    [InlineData("v4.example.org", DnsRecordType.AAAA, "NoError | @ 30 CNAME v4.example.org. // com. ")]
    public async Task The_first_name_along_the_path_that_exists_answers(string name, DnsRecordType type, string reply)
    {
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, Internet());
        Assert.StartsWith(reply, Say(setting, name + InDefault, type), StringComparison.Ordinal);
        Assert.Equal(1, setting.Server.Metrics.Snapshot().Single(s => s.Name == "coredns_autopath_success_total").Read());
    }

    [Theory]
    [InlineData("cart.shop", DnsRecordType.A, "NoError aa | @ 30 CNAME cart.shop.svc.cluster.local. | cart.shop.svc.cluster.local. 30 A 10.96.0.2")]
    [InlineData("cart.shop", DnsRecordType.AAAA, "NoError aa | @ 30 CNAME cart.shop.svc.cluster.local. | cart.shop.svc.cluster.local. 30 AAAA fd00::2")]
    [InlineData("cart.shop.svc", DnsRecordType.A, "NoError aa | @ 30 CNAME cart.shop.svc.cluster.local. | cart.shop.svc.cluster.local. 30 A 10.96.0.2")]
    [InlineData("_http._tcp.cart.shop", DnsRecordType.SRV, "NoError aa | @ 30 CNAME _http._tcp.cart.shop.svc.cluster.local. | _http._tcp.cart.shop.svc.cluster.local. 30 SRV")]
    public async Task Names_in_the_cluster_answer_pods_that_are_known_and_others_find_them_by_themselves(string name, DnsRecordType type, string reply)
    {
        await using AutopathSetting known = await AutopathSetting.StartAsync(Cluster, Internet(), pods: "verified");
        known.Server.Chain.Client = new IPEndPoint(IPAddress.Parse("10.1.0.9"), 4000);
        Assert.StartsWith(reply, Say(known, name + InDefault, type), StringComparison.Ordinal);

        ScriptedPlugin upstream = Internet();
        await using AutopathSetting unknown = await AutopathSetting.StartAsync(Cluster, upstream);
        Assert.StartsWith("NameError aa // cluster.local.", Say(unknown, name + InDefault, type), StringComparison.Ordinal);
        Assert.Empty(upstream.Asked);
    }

    /// <summary>What follows a pod's first step is its second, not the first of a pod in a namespace of that name.</summary>
    [Theory]
    [InlineData("www.example.org.shop", "www.example.org.shop.svc.cluster.local.")]
    [InlineData("www.example.org.shop.svc", "www.example.org.shop.svc.cluster.local.")]
    public async Task A_second_step_is_not_taken_for_a_first(string name, string later)
    {
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, Internet());
        Assert.StartsWith("NameError", Say(setting, name + InDefault, DnsRecordType.A), StringComparison.Ordinal);
        Assert.StartsWith("NameError", Say(setting, later, DnsRecordType.A), StringComparison.Ordinal);

        // later on it can only be a first one
        setting.Server.Time.Advance(TimeSpan.FromSeconds(RecentNames.Seconds + 1));
        Assert.StartsWith("NoError | @ 30 CNAME www.example.org.", Say(setting, later, DnsRecordType.A), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web" + InDefault)]
    [InlineData("db-0.db" + InDefault)]
    [InlineData("_http._tcp.web" + InDefault)]
    [InlineData("www" + InDefault)]                               // no dot
    [InlineData("www.web" + InDefault)]                           // shaped like an endpoint
    [InlineData("_grpc._tcp.web" + InDefault)]                    // shaped like a port
    [InlineData("www.example.org.nowhere.svc.cluster.local.")]    // no such namespace
    [InlineData("www.example.org.svc.cluster.local.")]
    [InlineData("www.example.org.cluster.local.")]
    [InlineData("www.example.org.default.pod.cluster.local.")]
    [InlineData("www.example.org.")]
    [InlineData("default.svc.cluster.local.")]
    public async Task Other_names_are_what_they_are(string name)
    {
        await using AutopathSetting with = await AutopathSetting.StartAsync(Cluster, Internet());
        await using AutopathSetting without = await AutopathSetting.StartAsync(Cluster, Internet(), autopath: "");
        foreach (DnsRecordType type in new[] { DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.SRV, DnsRecordType.TXT })
        {
            Assert.Equal(Say(without, name, type), Say(with, name, type));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_no_name_exists_the_client_s_own_walk_costs_the_upstream_nothing_more(bool isMusl)
    {
        ScriptedPlugin upstream = Internet();
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream);
        var client = new ClientResolver(setting.Server, ["default.svc.cluster.local.", "svc.cluster.local.", "cluster.local."], isMusl, DnsRecordType.A, DnsRecordType.AAAA);
        Assert.Equal("none", client.Resolve("nothing.example.org"));
        Assert.Equal(8, client.Asked.Count);
        Assert.Equal(["default. A", "nothing.example.org. A", "nothing.example.org. AAAA"], upstream.Asked);
        Assert.Equal("none", client.Resolve("nothing.example.org"));
        Assert.Equal(3, upstream.Asked.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_name_outside_costs_the_client_and_the_upstream_one_question_for_each_family(bool isMusl)
    {
        ScriptedPlugin upstream = Internet();
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream);
        var client = new ClientResolver(setting.Server, ["default.svc.cluster.local.", "svc.cluster.local.", "cluster.local."], isMusl, DnsRecordType.A, DnsRecordType.AAAA);
        foreach (string name in new[] { "www.example.org", "v4.example.org" })
        {
            Assert.StartsWith(name, client.Resolve(name), StringComparison.Ordinal);
        }

        Assert.Equal(4, client.Asked.Count);
        // and one for the namespace, whatever the names are
        Assert.Equal(["default. A", "www.example.org. A", "www.example.org. AAAA", "v4.example.org. A", "v4.example.org. AAAA"], upstream.Asked);
    }

    /// <summary><c>foo.com.au.svc.cluster.local</c> is the first step of a pod in the namespace <c>au</c> for <c>foo.com</c>, or the second one of another pod, whose
    /// first another server got, for <c>foo.com.au</c>. What is there must not be mistaken for what is not meant.</summary>
    [Theory]
    [InlineData("foo.com", "NameError aa // cluster.local.")]
    [InlineData("bar.com", "NoError | @ 30 CNAME bar.com. | bar.com. 300 A 192.0.2.8")]
    [InlineData("broken.com", "NameError aa // cluster.local.")]
    public async Task A_name_that_can_be_another_client_s_is_completed_when_that_one_is_not_there(string name, string reply)
    {
        ScriptedPlugin upstream = Internet().Host("au.", null).Host("foo.com.", "192.0.2.7").Host("foo.com.au.", "192.0.2.66").Host("bar.com.", "192.0.2.8")
            .Host("broken.com.", "192.0.2.9").Code("broken.com.au.", DnsResponseCode.ServerFailure);
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster + Namespace("au"), upstream);
        Assert.StartsWith(reply, Say(setting, name + ".au.svc.cluster.local.", DnsRecordType.A), StringComparison.Ordinal);
        Assert.Contains(name + ".au. A", upstream.Asked);
    }

    [Fact]
    public async Task A_namespace_that_is_not_called_like_a_top_level_domain_is_not_asked_for()
    {
        ScriptedPlugin upstream = Internet();
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster + Namespace("team-1"), upstream);
        Assert.StartsWith("NoError | @ 30 CNAME www.example.org.", Say(setting, "www.example.org.team-1.svc.cluster.local.", DnsRecordType.A), StringComparison.Ordinal);
        Assert.Equal(["www.example.org. A"], upstream.Asked);
    }

    [Theory]
    [InlineData("disabled", "NameError aa // cluster.local.", "NameError aa // cluster.local.")]
    [InlineData("verified", "NoError | @ 30 CNAME www.example.org.corp.example. | www.example.org.corp.example. 300 A 10.9.9.9", "NoError aa // cluster.local.")]
    public async Task The_node_s_domains_come_before_the_name_as_it_is(string pods, string reply, string other)
    {
        ScriptedPlugin upstream = Internet().Host("www.example.org.corp.example.", "10.9.9.9");
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, "autopath @kubernetes {\nhost_search corp.example cluster.local\n}", pods);
        setting.Server.Chain.Client = new IPEndPoint(IPAddress.Parse("10.1.0.9"), 4000);
        Assert.StartsWith(reply, Say(setting, "www.example.org" + InDefault, DnsRecordType.A), StringComparison.Ordinal);

        // It has no IPv6 address there. Nothing leads past it, and a name with an IPv4 address does not say that it is not there.
        Assert.StartsWith(other, Say(setting, "www.example.org" + InDefault, DnsRecordType.AAAA), StringComparison.Ordinal);
        Assert.DoesNotContain("www.example.org. A", upstream.Asked);
        Assert.DoesNotContain("www.example.org. AAAA", upstream.Asked);
    }

    [Fact]
    public async Task A_failure_on_the_way_is_told()
    {
        ScriptedPlugin upstream = Internet().Code("www.example.org.corp.example.", DnsResponseCode.ServerFailure);
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, "autopath @kubernetes {\nhost_search corp.example\n}");
        Assert.Equal("ServerFailure", Say(setting, "www.example.org" + InDefault, DnsRecordType.A));
        Assert.DoesNotContain("www.example.org. A", upstream.Asked);
    }

    /// <summary>RFC 4074 §4.2: servers that say NXDOMAIN for the family that a name lacks.</summary>
    [Fact]
    public async Task Rfc4074_4_2_a_wrong_denial_does_not_lead_past_a_name()
    {
        ScriptedPlugin upstream = Internet().On("www.example.org.corp.example.", DnsRecordType.A, r => ScriptedPlugin.Address(r, "www.example.org.corp.example.", "10.9.9.9", 300));
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, "autopath @kubernetes {\nhost_search corp.example\n}");
        Assert.StartsWith("NameError", Say(setting, "www.example.org" + InDefault, DnsRecordType.AAAA), StringComparison.Ordinal);
        Assert.DoesNotContain("www.example.org. AAAA", upstream.Asked);
    }

    [Theory]
    [InlineData("10.1.0.9", "default", true)]
    [InlineData("10.1.0.9", "shop", false)]       // a pod of another namespace
    [InlineData("10.1.0.8", "shop", true)]
    [InlineData("fd00:1::8", "shop", true)]
    [InlineData("fd00:1::8", "default", false)]
    [InlineData("10.2.2.2", "default", true)]     // no pod: a cache on the node
    public async Task With_pods_verified_a_pod_is_served_in_its_own_namespace(string client, string space, bool isCompleted)
    {
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, Internet(), pods: "verified");
        setting.Server.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4000);
        Assert.Equal(isCompleted, Say(setting, $"www.example.org.{space}.svc.cluster.local.", DnsRecordType.A).StartsWith("NoError", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_slow_upstream_and_one_that_answers_with_messages_make_no_difference(bool isSlow, bool asWire)
    {
        ScriptedPlugin upstream = Internet();
        (upstream.IsSlow, upstream.AsWire) = (isSlow, asWire);
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, "autopath @kubernetes {\nhost_search corp.example\n}", cache: !isSlow);
        Assert.StartsWith("NoError | @ 30 CNAME www.example.org. | www.example.org. 300 A 192.0.2.1", Say(setting, "www.example.org" + InDefault, DnsRecordType.A), StringComparison.Ordinal);
        Assert.StartsWith("NameError aa // cluster.local.", Say(setting, "nothing.example.org" + InDefault, DnsRecordType.A), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b.example.org.", "NoError | @ 3600 CNAME b.com. | b.com. 3600 A 127.0.0.53")]
    [InlineData("a.example.com.", "NoError ad | @ 3600 A 127.0.0.53")]     // not below the first domain
    [InlineData("c.example.org.", "NameError")]
    public async Task A_file_has_the_search_path_of_all_clients(string name, string reply)
    {
        ScriptedPlugin upstream = new ScriptedPlugin { DeniesPlainly = true }.Host("b.com.", "127.0.0.53", ttl: 3600).Host("a.example.com.", "127.0.0.53", ttl: 3600);
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, "autopath DIR/resolv.conf", cache: false);
        Assert.Equal(reply, Say(setting, name, DnsRecordType.A));
    }

    [Theory]
    [InlineData("autopath @kubernetes", true)]
    [InlineData("autopath example.org @kubernetes", true)]
    [InlineData("autopath 10.0.0.0/8 @kubernetes", true)]
    [InlineData("autopath @kubernetes {\n host_search a.example b.example\n}", true)]
    [InlineData("autopath kubernetes", false)]
    [InlineData("autopath", false)]
    [InlineData("autopath \"\"", false)]
    [InlineData("autopath @forward", false)]
    [InlineData("autopath a..b @kubernetes", false)]
    [InlineData("autopath /dev/null", false)]
    [InlineData("autopath @kubernetes\nautopath @kubernetes", false)]
    [InlineData("autopath @kubernetes {\n host_search a..b\n}", false)]
    [InlineData("autopath @kubernetes {\n other\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        PluginHarness server = PluginHarness.Stanza(lines, plugins: [new AutopathPlugin()]);
        Assert.True(server.IsAccepted == isAccepted, server.Errors);
    }

    [Fact]
    public async Task Names_that_need_no_walk_and_walks_in_memory_cost_no_allocation()
    {
        ScriptedPlugin upstream = Internet();
        upstream.TakesNotes = false;
        await using AutopathSetting setting = await AutopathSetting.StartAsync(Cluster, upstream, cache: false);
        foreach (string name in new[] { "web", "nothing.example.org", "cart.shop" })
        {
            int length = setting.Server.Chain.Begin(name + InDefault, DnsRecordType.A);
            AllocationAssert.None(() =>
            {
                setting.Server.Chain.BeginAgain(length);
                setting.Server.Chain.Run();
            });
        }
    }

    private static string Say(AutopathSetting setting, string name, DnsRecordType type) =>
        setting.Server.Chain.Say(name, type).Replace("| " + name + " ", "| @ ", StringComparison.Ordinal);
}
