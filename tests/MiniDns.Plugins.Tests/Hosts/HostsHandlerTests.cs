using MiniDns.Plugins;
using MiniDns.Plugins.Hosts;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Hosts;

public sealed class HostsHandlerTests
{
    private const string Office = """
        # the office
        127.0.0.1        localhost localhost.localdomain
        ::1              localhost localhost.localdomain
        192.168.1.10     Web.MyCompany.com web-alias.mycompany.com  # the site
        192.168.1.20     web.mycompany.com
        2001:db8::10     web.mycompany.com
        192.168.1.11     db.mycompany.com
        2001:db8::15     hr.mycompany.com
        ::ffff:10.0.0.2  mapped.mycompany.com
        fe80::7%eth0     local.mycompany.com
        10.9.9.9         *.apps.mycompany.com
        10.9.9.8         blue.apps.mycompany.com
        2001:db8::99     *.six.mycompany.com
        203.0.113.5      www.example.org
        """;

    [Theory]
    [InlineData("db.mycompany.com.", DnsRecordType.A, "NoError aa | db.mycompany.com. 3600 A 192.168.1.11")]
    [InlineData("DB.mycompany.COM.", DnsRecordType.A, "NoError aa | DB.mycompany.COM. 3600 A 192.168.1.11")]
    [InlineData("web.mycompany.com.", DnsRecordType.A, "NoError aa | web.mycompany.com. 3600 A 192.168.1.10 | web.mycompany.com. 3600 A 192.168.1.20")]
    [InlineData("web.mycompany.com.", DnsRecordType.AAAA, "NoError aa | web.mycompany.com. 3600 AAAA 2001:db8::10")]
    [InlineData("web-alias.mycompany.com.", DnsRecordType.A, "NoError aa | web-alias.mycompany.com. 3600 A 192.168.1.10")]
    [InlineData("mapped.mycompany.com.", DnsRecordType.A, "NoError aa | mapped.mycompany.com. 3600 A 10.0.0.2")]
    [InlineData("local.mycompany.com.", DnsRecordType.AAAA, "NoError aa | local.mycompany.com. 3600 AAAA fe80::7")]
    [InlineData("localhost.", DnsRecordType.AAAA, "NoError aa | localhost. 3600 AAAA ::1")]
    public async Task A_known_name_is_answered(string name, DnsRecordType type, string expected)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal(expected, chain.Say(name, type));
    }

    [Theory]
    [InlineData("db.mycompany.com.", DnsRecordType.AAAA)]
    [InlineData("hr.mycompany.com.", DnsRecordType.A)]
    [InlineData("db.mycompany.com.", DnsRecordType.MX)]
    [InlineData("db.mycompany.com.", DnsRecordType.TXT)]
    [InlineData("db.mycompany.com.", DnsRecordType.HTTPS)]
    [InlineData("db.mycompany.com.", DnsRecordType.ANY)]
    [InlineData("red.apps.mycompany.com.", DnsRecordType.AAAA)]
    [InlineData("red.apps.mycompany.com.", DnsRecordType.TXT)]
    public async Task A_known_name_without_the_type_is_NODATA(string name, DnsRecordType type)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("NoError aa", chain.Say(name, type));
    }

    [Theory]
    [InlineData("10.1.168.192.in-addr.arpa.", "NoError aa | 10.1.168.192.in-addr.arpa. 3600 PTR web.mycompany.com. | 10.1.168.192.in-addr.arpa. 3600 PTR web-alias.mycompany.com.")]
    [InlineData("2.0.0.10.in-addr.arpa.", "NoError aa | 2.0.0.10.in-addr.arpa. 3600 PTR mapped.mycompany.com.")]
    [InlineData("0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.IP6.ARPA.", "NoError aa | 0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.IP6.ARPA. 3600 PTR web.mycompany.com.")]
    [InlineData("9.9.9.10.in-addr.arpa.", "unclaimed")]      // a wildcard has no reverse name
    [InlineData("1.2.3.4.in-addr.arpa.", "unclaimed")]
    [InlineData("168.192.in-addr.arpa.", "unclaimed")]
    [InlineData("db.mycompany.com.", "unclaimed")]
    public async Task PTR_questions_are_answered_from_the_addresses(string name, string expected)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal(expected, chain.Say(name, DnsRecordType.PTR));
    }

    [Theory]
    [InlineData("nothing.mycompany.com.", DnsRecordType.A)]
    [InlineData("nothing.mycompany.com.", DnsRecordType.TXT)]
    [InlineData("mycompany.com.", DnsRecordType.A)]
    [InlineData("10.1.168.192.in-addr.arpa.", DnsRecordType.A)]
    [InlineData(".", DnsRecordType.A)]
    public async Task An_unknown_name_without_fallthrough_is_SERVFAIL_and_marked(string name, DnsRecordType type)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("ServerFailure", chain.Say(name, type));
        Assert.True(chain.Query.Response.Flags.HasFlag(DnsResponseFlags.NoSuchName));
        Assert.Null(chain.Query.Failure);
    }

    [Fact]
    public async Task A_name_outside_the_zones_goes_on_and_its_entries_are_not_kept()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Zones = [DnsName.Parse("mycompany.com.")] };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("unclaimed", chain.Say("www.example.org.", DnsRecordType.A));
        Assert.Equal("unclaimed", chain.Say("5.113.0.203.in-addr.arpa.", DnsRecordType.PTR));
        Assert.Equal("ServerFailure", chain.Say("nothing.mycompany.com.", DnsRecordType.A));

        // Reverse names are served although no reverse zone is listed.
        Assert.StartsWith("NoError aa | 11.1.168.192", chain.Say("11.1.168.192.in-addr.arpa.", DnsRecordType.PTR), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallthrough_passes_misses_on_and_nothing_else()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Fallthrough = Fallthrough.Everything };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("unclaimed", chain.Say("nothing.mycompany.com.", DnsRecordType.A));
        Assert.Equal("unclaimed", chain.Say("nothing.mycompany.com.", DnsRecordType.TXT));
        Assert.Equal("NoError aa", chain.Say("db.mycompany.com.", DnsRecordType.AAAA));
        Assert.Equal("NoError aa", chain.Say("db.mycompany.com.", DnsRecordType.TXT));
    }

    [Fact]
    public async Task Fallthrough_of_some_zones_leaves_the_others()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Fallthrough = Fallthrough.For([DnsName.Parse("example.org.")]) };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("unclaimed", chain.Say("nothing.example.org.", DnsRecordType.A));
        Assert.Equal("ServerFailure", chain.Say("nothing.mycompany.com.", DnsRecordType.A));
    }

    [Fact]
    public async Task Fallthrough_unsupported_passes_other_types_of_known_names_on_in_the_same_zones()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Fallthrough = Fallthrough.For([DnsName.Parse("mycompany.com.")]), FallthroughUnsupported = true };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("unclaimed", chain.Say("db.mycompany.com.", DnsRecordType.TXT));
        Assert.Equal("NoError aa", chain.Say("db.mycompany.com.", DnsRecordType.AAAA));
        Assert.Equal("NoError aa", chain.Say("www.example.org.", DnsRecordType.TXT));
        Assert.Equal("unclaimed", chain.Say("nothing.mycompany.com.", DnsRecordType.TXT));
    }

    [Theory]
    [InlineData("blue.apps.mycompany.com.", DnsRecordType.A, "NoError aa | blue.apps.mycompany.com. 3600 A 10.9.9.8")]
    [InlineData("red.apps.mycompany.com.", DnsRecordType.A, "NoError aa | red.apps.mycompany.com. 3600 A 10.9.9.9")]
    [InlineData("*.apps.mycompany.com.", DnsRecordType.A, "NoError aa | *.apps.mycompany.com. 3600 A 10.9.9.9")]
    [InlineData("x.six.mycompany.com.", DnsRecordType.AAAA, "NoError aa | x.six.mycompany.com. 3600 AAAA 2001:db8::99")]
    [InlineData("apps.mycompany.com.", DnsRecordType.A, "ServerFailure")]
    [InlineData("deep.red.apps.mycompany.com.", DnsRecordType.A, "ServerFailure")]
    public async Task A_wildcard_matches_one_label(string name, DnsRecordType type, string expected)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal(expected, chain.Say(name, type));
    }

    /// <summary>RFC 4592 §2.2.1: a name that exists is not answered from the wildcard, whatever types it has.</summary>
    [Fact]
    public async Task Rfc4592_2_2_1_a_name_of_its_own_hides_the_wildcard()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Inline = HostsSetting.Entries("2001:db8::1 green.apps.mycompany.com") };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("NoError aa", chain.Say("green.apps.mycompany.com.", DnsRecordType.A));
        Assert.Equal("NoError aa | green.apps.mycompany.com. 3600 AAAA 2001:db8::1", chain.Say("green.apps.mycompany.com.", DnsRecordType.AAAA));
    }

    [Fact]
    public async Task Ttl_and_no_reverse_are_heeded()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Ttl = 17, Reverse = false };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("NoError aa | db.mycompany.com. 17 A 192.168.1.11", chain.Say("db.mycompany.com.", DnsRecordType.A));
        Assert.Equal("unclaimed", chain.Say("11.1.168.192.in-addr.arpa.", DnsRecordType.PTR));
    }

    [Fact]
    public async Task Inline_entries_come_after_the_files()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Inline = HostsSetting.Entries("192.168.1.99 db.mycompany.com\n192.168.1.98 new.mycompany.com") };
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("NoError aa | db.mycompany.com. 3600 A 192.168.1.11 | db.mycompany.com. 3600 A 192.168.1.99", chain.Say("db.mycompany.com.", DnsRecordType.A));
        Assert.Equal("NoError aa | new.mycompany.com. 3600 A 192.168.1.98", chain.Say("new.mycompany.com.", DnsRecordType.A));
    }

    [Fact]
    public async Task Another_class_is_somebody_elses()
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        Assert.Equal("unclaimed", chain.Say("db.mycompany.com.", DnsRecordType.A, DnsRecordClass.CH));
    }

    [Fact]
    public async Task Many_addresses_are_cut_with_TC_over_UDP_and_whole_over_TCP()
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(string.Concat(Enumerable.Range(1, 200).Select(i => $"10.0.0.{i} big.mycompany.com\n")));
        Assert.Equal("NoError aa tc", chain.Say("big.mycompany.com.", DnsRecordType.A));
        ReadOnlyMemory<byte> whole = chain.Ask("big.mycompany.com.", DnsRecordType.A, transport: DnsTransport.Tcp);
        Assert.True(DnsHeader.TryRead(whole.Span, out DnsHeader header));
        Assert.Equal(200, header.AnswerCount);
        Assert.False(header.IsTruncated);
    }

    [Theory]
    [InlineData("web.mycompany.com.", DnsRecordType.A)]
    [InlineData("web.mycompany.com.", DnsRecordType.AAAA)]
    [InlineData("10.1.168.192.in-addr.arpa.", DnsRecordType.PTR)]
    [InlineData("red.apps.mycompany.com.", DnsRecordType.A)]
    [InlineData("db.mycompany.com.", DnsRecordType.AAAA)]
    [InlineData("nothing.mycompany.com.", DnsRecordType.A)]
    [InlineData("9.9.9.9.in-addr.arpa.", DnsRecordType.PTR)]
    public async Task Answering_allocates_nothing(string name, DnsRecordType type)
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync(Office);
        int length = chain.Begin(name, type);
        AllocationAssert.None(() =>
        {
            chain.BeginAgain(length);
            chain.Run();
        });
    }

    [Fact]
    public async Task Passing_on_allocates_nothing()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Fallthrough = Fallthrough.Everything };
        ChainHarness chain = await setting.StartAsync(Office);
        int length = chain.Begin("nothing.mycompany.com.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            chain.BeginAgain(length);
            chain.Run();
        });
    }
}
