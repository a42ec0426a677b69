using System.Text;
using MiniDns.Plugins.Rpz;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class PolicyZoneTests
{
    private static readonly DnsName Origin = DnsName.Parse("rpz.test.");

    [Theory]
    [InlineData("x.example NS ns.example.", "5:1: warning: x.example.rpz.test.: NS must not be local data; the record is left out")]
    [InlineData("x.example DNAME y.example.", "5:1: warning: x.example.rpz.test.: DNAME must not be local data; the record is left out")]
    [InlineData("x.example CNAME rpz-dorp.", "5:1: warning: x.example.rpz.test.: 'rpz-dorp.' is no action; there are rpz-passthru., rpz-drop. and rpz-tcp-only.; the record is left out")]
    [InlineData("24.0.0.10.rpz-ips CNAME .", "5:1: warning: 24.0.0.10.rpz-ips.rpz.test.: the last label is none of rpz-client-ip, rpz-ip, rpz-nsdname and rpz-nsip; no others may begin with 'rpz-'; the record is left out")]
    [InlineData("33.0.0.0.10.rpz-ip CNAME .", "5:1: warning: 33.0.0.0.10.rpz-ip.rpz.test.: 33 is not a prefix length from 1 to 32; the record is left out")]
    [InlineData("rpz-nsdname CNAME .", "5:1: warning: rpz-nsdname.rpz.test.: a name is expected in front of rpz-nsdname; the record is left out")]
    [InlineData("rpz-ip CNAME .", "5:1: warning: rpz-ip.rpz.test.: a prefix length from 1 to 128 and an address are expected, such as 24.0.2.0.192 or 48.zz.db8.2001; the record is left out")]
    [InlineData("a.example A 192.0.2.1", "5:1: warning: a.example.rpz.test.: the owner has a CNAME record already; beside it there must be no other record; the record is left out")]
    [InlineData("a.example CNAME *.", "5:1: warning: a.example.rpz.test.: the owner has a CNAME record already; beside it there must be no other record; the record is left out")]
    [InlineData("x.other.net. CNAME .", "5:1: warning: x.other.net.: it is not in the zone rpz.test.; the record is left out")]
    [InlineData("x.example A 192.0.2.300", "5:13: warning: ")]
    public void What_is_malformed_is_told_of_and_the_rest_counts(string line, string expected)
    {
        var problems = new ZoneProblems();
        PolicyZone? zone = PolicyFile.Read(Encoding.UTF8.GetBytes(RpzSetting.Soa + "a.example CNAME .\n" + line + "\nb.example A 192.0.2.7\n"), "file", Origin, problems, out int malformed);
        Assert.NotNull(zone);
        Assert.Equal(1, malformed);
        Assert.StartsWith("file:" + expected, Assert.Single(problems.Items).ToString(), StringComparison.Ordinal);
        Assert.Equal(PolicyAction.NxDomain, Find(zone, "a.example.")!.Action);
        Assert.Equal(PolicyAction.Local, Find(zone, "b.example.")!.Action);
        Assert.Equal(2, zone.Count(PolicyTrigger.Qname));
    }

    [Theory]
    [InlineData("a.example CNAME .\n")]
    [InlineData("$TTL 60\n@ SOA a. b. 1 2 3 4 5\n<html>\n<body>\n</html>\n")]
    [InlineData("")]
    public void Something_else_in_its_place_is_no_zone(string text)
    {
        var problems = new ZoneProblems();
        Assert.Null(PolicyFile.Read(Encoding.UTF8.GetBytes(text), "file", Origin, problems, out _));
        Assert.True(problems.HasErrors);
    }

    [Fact]
    public void Records_of_signatures_and_of_the_apex_are_none_of_policys_business()
    {
        var problems = new ZoneProblems();
        PolicyZone? zone = PolicyFile.Read(
            Encoding.UTF8.GetBytes(RpzSetting.Soa + "@ A 192.0.2.1\na.example CNAME .\na.example RRSIG CNAME 8 4 60 20300101000000 20200101000000 1 rpz.test. AAAA\na.example NSEC b.example CNAME\n"),
            "file",
            Origin,
            problems,
            out int malformed);
        Assert.Empty(problems.Items);
        Assert.Equal(0, malformed);
        Assert.Equal(1, zone!.Count(PolicyTrigger.Qname));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        PolicyZone zone = Read(RpzSetting.Policy + "*.ns.evil.rpz-nsdname A 192.0.2.1\nns.evil.rpz-nsdname CNAME .\n48.zz.db8.2001.rpz-nsip AAAA 2001:db8::1\n* TXT all\n");
        string text = Text(zone);
        Assert.Equal(text, Text(Read(text)));
        Assert.Contains("*.rpz.test.\t60\tIN\tTXT\t\"all\"", text, StringComparison.Ordinal);
        Assert.Contains("48.zz.db8.2001.rpz-nsip.rpz.test.\t60\tIN\tAAAA\t2001:db8::1", text, StringComparison.Ordinal);
        Assert.Equal(RpzSetting.Policy.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 2 - 1 + 4 + 1, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_million_names_take_at_most_40_MB()
    {
        PolicyZone zone = Million();
        Assert.Equal(1_000_000, zone.Count(PolicyTrigger.Qname));
        Assert.InRange(zone.Octets, 1, 40_000_000);
        Assert.NotNull(Find(zone, "t000999.ads999.org."));
        Assert.Null(Find(zone, "www.example.org."));
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        PolicyZone zone = Read(RpzSetting.Policy);
        DnsName name = DnsName.Parse("x.y.example.");
        UInt128 address = PolicyNetwork.BitsOf([192, 0, 2, 7]);
        AllocationAssert.None(() =>
        {
            if (zone.Find(PolicyTrigger.Qname, name.View, name.Hash, out _) is null || zone.Find(PolicyTrigger.ResponseIp, address, out _) is null)
            {
                throw new InvalidOperationException("not found");
            }
        });
    }

    /// <summary>A million names of eighteen characters.</summary>
    internal static PolicyZone Million()
    {
        var builder = new PolicyBuilder(Origin, new ZoneProblems());
        var place = new ZonePlace("million");
        builder.SetSoa(new byte[22], 60);
        for (int i = 0; i < 1_000_000; i++)
        {
            builder.Add(DnsName.Parse($"t{i:d6}.ads{i % 1000:d3}.org.rpz.test.").View, DnsRecordType.CNAME, DnsRecordClass.IN, 60, [0], place);
        }

        return builder.TryBuild(place)!;
    }

    internal static PolicyZone Read(string text)
    {
        var problems = new ZoneProblems();
        PolicyZone? zone = PolicyFile.Read(Encoding.UTF8.GetBytes(text), "file", Origin, problems, out _);
        Assert.Empty(problems.Items);
        return zone!;
    }

    internal static string Text(PolicyZone zone)
    {
        using var stream = new MemoryStream();
        zone.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static PolicyRule? Find(PolicyZone zone, string name)
    {
        DnsName parsed = DnsName.Parse(name);
        return zone.Find(PolicyTrigger.Qname, parsed.View, parsed.Hash, out _);
    }
}
