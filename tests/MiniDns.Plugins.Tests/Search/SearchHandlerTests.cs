using MiniDns.Plugins;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.Search;
using MiniDns.Plugins.Tests.Hosts;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Search;

public sealed class SearchHandlerTests
{
    private const string TwoDomains = "search mycompany.com prod.mycompany.com\nscripted";

    [Fact]
    public async Task The_first_domain_that_has_the_name_answers()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Host("web.mycompany.com.", "192.0.2.1").Host("web.prod.mycompany.com.", "192.0.2.2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("NoError | WEB. 300 CNAME web.mycompany.com. | web.mycompany.com. 300 A 192.0.2.1", server.Chain.Say("WEB.", DnsRecordType.A));
        Assert.Equal(["web.mycompany.com. A"], upstream.Asked);
        Assert.Equal(1, Count(server, "minidns_search_answers_total"));
        Assert.Equal(1, Count(server, "minidns_search_lookups_total"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task The_second_domain_answers_when_the_first_has_no_such_name_in_either_family(bool slow, bool wire)
    {
        ScriptedPlugin upstream = new ScriptedPlugin { IsSlow = slow, AsWire = wire }.Host("web.prod.mycompany.com.", "192.0.2.2", ttl: 86400);
        await using PluginHarness server = Serve(TwoDomains, upstream);

        // The alias rests on the denials as well: on their SOA's minimum, 120 seconds.
        Assert.Equal("NoError | web. 120 CNAME web.prod.mycompany.com. | web.prod.mycompany.com. 86400 A 192.0.2.2", server.Chain.Say("web.", DnsRecordType.A));
        Assert.Equal(["web.mycompany.com. A", "web.mycompany.com. AAAA", "web.prod.mycompany.com. A"], upstream.Asked);
    }

    [Fact]
    public async Task A_name_with_one_family_is_found_by_the_other_as_NODATA_with_its_SOA()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Host("web.mycompany.com.", "192.0.2.1").Host("web.prod.mycompany.com.", "192.0.2.2", "2001:db8::2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("NoError | web. 60 CNAME web.mycompany.com. // com. 900 SOA (22)", server.Chain.Say("web.", DnsRecordType.AAAA));
    }

    /// <summary>RFC 4074 §4.2: servers that say NXDOMAIN for the family that a name lacks.</summary>
    [Theory]
    [InlineData(DnsRecordType.AAAA)]
    [InlineData(DnsRecordType.HTTPS)]
    [InlineData(DnsRecordType.TXT)]
    public async Task Rfc4074_4_2_a_wrong_denial_does_not_lead_into_another_domain(DnsRecordType type)
    {
        ScriptedPlugin upstream = new ScriptedPlugin()
            .On("web.mycompany.com.", DnsRecordType.A, r => ScriptedPlugin.Address(r, "web.mycompany.com.", "192.0.2.1", 300))
            .Host("web.prod.mycompany.com.", "192.0.2.2", "2001:db8::2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.StartsWith("NoError | web. 300 CNAME web.mycompany.com. | ", server.Chain.Say("web.", DnsRecordType.A), StringComparison.Ordinal);
        Assert.Equal("NoError | web. 120 CNAME web.mycompany.com.", server.Chain.Say("web.", type));
    }

    [Fact]
    public async Task When_no_domain_has_the_name_the_query_goes_on()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Host("web.", "198.51.100.1");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("NoError ad | web. 300 A 198.51.100.1", server.Chain.Say("web.", DnsRecordType.A));
        Assert.Equal(5, upstream.Asked.Count);
        Assert.Equal(1, Count(server, "minidns_search_misses_total"));
        Assert.Equal("NameError // com. 900 SOA (22)", server.Chain.Say("other.", DnsRecordType.A));
    }

    [Theory]
    [InlineData(DnsResponseCode.ServerFailure)]
    [InlineData(DnsResponseCode.Refused)]
    public async Task A_domain_that_cannot_be_asked_ends_the_search(DnsResponseCode code)
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Code("web.mycompany.com.", code).Host("web.prod.mycompany.com.", "192.0.2.2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal(code.ToString(), server.Chain.Say("web.", DnsRecordType.A));
        Assert.Equal(["web.mycompany.com. A"], upstream.Asked);
        Assert.Equal(1, Count(server, "minidns_search_failures_total"));
    }

    [Fact]
    public async Task A_denial_of_one_family_and_a_failure_of_the_other_is_a_failure()
    {
        ScriptedPlugin upstream = new ScriptedPlugin()
            .On("web.mycompany.com.", DnsRecordType.A, r => r.Code = DnsResponseCode.ServerFailure)
            .Host("web.prod.mycompany.com.", "192.0.2.2", "2001:db8::2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("ServerFailure", server.Chain.Say("web.", DnsRecordType.AAAA));
    }

    [Fact]
    public async Task A_dropped_question_drops_the_query()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Outcome("web.mycompany.com.", DnsOutcome.Dropped);
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("dropped", server.Chain.Say("web.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_domain_that_nobody_serves_has_no_names()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Outcome("web.mycompany.com.", DnsOutcome.Unclaimed).Host("web.prod.mycompany.com.", "192.0.2.2");
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("NoError | web. 30 CNAME web.prod.mycompany.com. | web.prod.mycompany.com. 300 A 192.0.2.2", server.Chain.Say("web.", DnsRecordType.A));
    }

    [Fact]
    public async Task Rfc6604_3_an_alias_without_a_target_is_a_name()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().On("web.mycompany.com.", DnsRecordType.A, r =>
        {
            r.Code = DnsResponseCode.NameError;
            ScriptedPlugin.Alias(r, "web.mycompany.com.", "gone.example.");
        });
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.Equal("NameError | web. 200 CNAME web.mycompany.com. | web.mycompany.com. 200 CNAME gone.example.", server.Chain.Say("web.", DnsRecordType.A));
    }

    [Theory]
    [InlineData("www.example.org.", DnsRecordType.A)]       // enough dots
    [InlineData("mycompany.com.", DnsRecordType.A)]
    [InlineData(".", DnsRecordType.A)]
    [InlineData("localhost.", DnsRecordType.A)]
    [InlineData("com.", DnsRecordType.NS)]
    [InlineData("com.", DnsRecordType.SOA)]
    [InlineData("com.", DnsRecordType.DS)]
    [InlineData("com.", DnsRecordType.DNSKEY)]
    [InlineData("com.", DnsRecordType.ANY)]
    [InlineData("com.", DnsRecordType.PTR)]
    public async Task What_is_not_searched_for(string name, DnsRecordType type)
    {
        var upstream = new ScriptedPlugin();
        await using PluginHarness server = Serve(TwoDomains, upstream);
        server.Chain.Say(name, type);
        Assert.Equal([$"{name} {type}"], upstream.Asked);
    }

    [Theory]
    [InlineData(DnsRecordType.SRV)]
    [InlineData(DnsRecordType.MX)]
    [InlineData(DnsRecordType.HTTPS)]
    [InlineData((DnsRecordType)65400)]
    public async Task Other_types_of_data_are_searched_for_too(DnsRecordType type)
    {
        ScriptedPlugin upstream = new ScriptedPlugin().On("web.mycompany.com.", type, r =>
            r.AddSynthesized(DnsSection.Answer, DnsName.Parse("web.mycompany.com").View, type, DnsRecordClass.IN, 70, [1, 2, 3, 4, 5, 6, 0]));
        await using PluginHarness server = Serve(TwoDomains, upstream);
        Assert.StartsWith("NoError | web. 70 CNAME web.mycompany.com. | web.mycompany.com. 70 ", server.Chain.Say("web.", type), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ndots_makes_longer_names_short()
    {
        ScriptedPlugin upstream = new ScriptedPlugin().Host("web.blue.mycompany.com.", "192.0.2.1");
        await using PluginHarness server = Serve("search mycompany.com {\nndots 2\n}\nscripted", upstream);
        Assert.Equal("NoError | web.blue. 300 CNAME web.blue.mycompany.com. | web.blue.mycompany.com. 300 A 192.0.2.1", server.Chain.Say("web.blue.", DnsRecordType.A));
        upstream.Asked.Clear();
        server.Chain.Say("a.web.blue.", DnsRecordType.A);
        Assert.Equal(["a.web.blue. A"], upstream.Asked);
    }

    [Fact]
    public async Task Names_in_a_search_domain_are_left_alone_however_short()
    {
        var upstream = new ScriptedPlugin();
        await using PluginHarness server = Serve("search mycompany.com {\nndots 15\n}\nscripted", upstream);
        server.Chain.Say("web.mycompany.com.", DnsRecordType.A);
        server.Chain.Say("mycompany.com.", DnsRecordType.A);
        Assert.Equal(["web.mycompany.com. A", "mycompany.com. A"], upstream.Asked);
    }

    [Fact]
    public async Task Candidates_that_are_too_long_are_passed_over()
    {
        string label = new('a', 63);
        ScriptedPlugin upstream = new ScriptedPlugin().Host(label + ".b.", "192.0.2.1");
        await using PluginHarness server = Serve($"search {label}.{label}.{label} b\nscripted", upstream);
        Assert.StartsWith($"NoError | {label}. 300 CNAME {label}.b. | ", server.Chain.Say(label + ".", DnsRecordType.A), StringComparison.Ordinal);
        Assert.Equal([$"{label}.b. A"], upstream.Asked);
    }

    [Fact]
    public async Task Hosts_without_fallthrough_does_not_hide_the_domains_behind_it()
    {
        const string Office = """
            search mycompany.com prod.example
            hosts /nonexistent/hosts mycompany.com {
                192.168.1.10 web.mycompany.com
                2001:db8::6  six.mycompany.com
            }
            scripted
            """;
        ScriptedPlugin upstream = new ScriptedPlugin().Host("db.prod.example.", "192.0.2.9");
        await using PluginHarness server = Serve(Office, upstream);
        Assert.Equal("NoError aa | web. 3600 CNAME web.mycompany.com. | web.mycompany.com. 3600 A 192.168.1.10", server.Chain.Say("web.", DnsRecordType.A));
        Assert.Equal("NoError aa | web. 30 CNAME web.mycompany.com.", server.Chain.Say("web.", DnsRecordType.AAAA));
        Assert.Equal("NoError aa | six. 30 CNAME six.mycompany.com.", server.Chain.Say("six.", DnsRecordType.A));
        Assert.Empty(upstream.Asked);
        Assert.Equal("NoError | db. 30 CNAME db.prod.example. | db.prod.example. 300 A 192.0.2.9", server.Chain.Say("db.", DnsRecordType.A));
        Assert.Equal(["db.prod.example. A"], upstream.Asked);
        Assert.Equal("ServerFailure", server.Chain.Say("none.mycompany.com.", DnsRecordType.A));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cache_behind_search_changes_nothing(bool wire)
    {
        const string Cached = """
            search mycompany.com prod.example
            cache
            hosts /nonexistent/hosts mycompany.com {
                192.168.1.10 web.mycompany.com
            }
            scripted
            """;
        ScriptedPlugin upstream = new ScriptedPlugin { AsWire = wire }.Host("db.prod.example.", "192.0.2.9");
        await using PluginHarness server = Serve(Cached, upstream, new CachePlugin());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("NoError aa | web. 3600 CNAME web.mycompany.com. | web.mycompany.com. 3600 A 192.168.1.10", server.Chain.Say("web.", DnsRecordType.A));
            Assert.Equal("NoError | db. 30 CNAME db.prod.example. | db.prod.example. 300 A 192.0.2.9", server.Chain.Say("db.", DnsRecordType.A));
            Assert.Equal("NoError | db. 30 CNAME db.prod.example. // com. 60 SOA (22)", server.Chain.Say("db.", DnsRecordType.AAAA).Replace(" 900 ", " 60 ", StringComparison.Ordinal));
            Assert.Equal("NameError // com. 120 SOA (22)", server.Chain.Say("none.", DnsRecordType.A).Replace(" 900 ", " 120 ", StringComparison.Ordinal));
        }

        Assert.Equal(["db.prod.example. A", "db.prod.example. AAAA", "none.prod.example. A", "none.prod.example. AAAA", "none. A"], upstream.Asked);
    }

    [Fact]
    public async Task Another_blocks_zones_are_searched_as_well()
    {
        const string Corefile = """
            .:0 {
                search mycompany.com
                scripted
            }
            mycompany.com:0 {
                hosts /nonexistent/hosts {
                    192.168.1.10 web.mycompany.com
                }
            }
            """;
        await using PluginHarness server = PluginHarness.Corefile(Corefile, plugins: [new SearchPlugin(), new HostsPlugin(), new ScriptedPlugin()]);
        Assert.Equal("NoError aa | web. 3600 CNAME web.mycompany.com. | web.mycompany.com. 3600 A 192.168.1.10", server.Chain.Say("web.", DnsRecordType.A));
    }

    [Theory]
    [InlineData("web.", DnsRecordType.A)]
    [InlineData("web.", DnsRecordType.AAAA)]
    [InlineData("none.", DnsRecordType.A)]
    public async Task Searching_in_memory_allocates_nothing(string name, DnsRecordType type)
    {
        const string Office = """
            search nothing.test mycompany.com
            hosts /nonexistent/hosts mycompany.com {
                192.168.1.10 web.mycompany.com
            }
            scripted
            """;
        await using PluginHarness server = Serve(Office, new ScriptedPlugin { TakesNotes = false });
        int length = server.Chain.Begin(name, type);
        AllocationAssert.None(() =>
        {
            server.Chain.BeginAgain(length);
            server.Chain.Run();
        });
    }

    private static PluginHarness Serve(string stanza, ScriptedPlugin upstream, params IDnsPlugin[] between)
    {
        PluginHarness server = PluginHarness.Stanza(stanza, plugins: [new SearchPlugin(), .. between, new HostsPlugin(), upstream]);
        Assert.True(server.IsAccepted, server.Errors);
        return server;
    }

    private static double Count(PluginHarness server, string name) => server.Metrics.Snapshot().Single(s => s.Name == name).Read();
}
