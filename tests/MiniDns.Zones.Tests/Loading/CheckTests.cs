using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Loading;

/// <summary>What is wrong in a zone is told with its place: errors keep it from being served, warnings do not.</summary>
public sealed class CheckTests
{
    private const string Apex = "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns.example.net.\n";

    [Theory]
    [InlineData("www 60 A 192.0.2.1\n", "zone: error: there must be a SOA record at example.org.")]
    [InlineData("", "zone: error: there must be a SOA record at example.org.|example.org.: error: there must be a SOA record at example.org.")]
    [InlineData("$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns.example.net.\n@ SOA a b 2 2 3 4 5\n", "zone:4:1: error: there must be one SOA record only at example.org.")]
    [InlineData(Apex + "sub SOA a b 1 2 3 4 5\n", "zone:4:1: error: a SOA record must be at the top of the zone, example.org.")]
    [InlineData(Apex + "a CNAME b\nx A 192.0.2.1\na A 192.0.2.1\n", "zone:4:1: error: a.example.org. has CNAME and A; a CNAME must not have other data beside it")]
    [InlineData(Apex + "a CNAME b\n   CNAME c\n", "zone:5:4: error: there must be one CNAME record only at a.example.org.")]
    [InlineData(Apex + "a DNAME b\na DNAME c\n", "zone:5:1: error: there must be one DNAME record only at a.example.org.")]
    [InlineData(Apex + "a CH A 192.0.2.1\n", "zone:4:1: error: class CH must be IN, the class of the zone")]
    [InlineData(Apex + "a A 192.0.2\nb A 192.0.2.256\n", "zone:4:5: error: an IPv4 address, such as 192.0.2.1, must stand here|zone:5:5: error: an IPv4 address, such as 192.0.2.1, must stand here")]
    [InlineData(Apex + "@ NSEC3PARAM 1 0 3000 -\n0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 3000 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NS SOA\n", "zone:4:1: error: NSEC3 with 3000 iterations makes every denial slow; it should be 0 (RFC 9276 §3.1)")]
    public void Errors(string text, string expected)
    {
        var problems = new ZoneProblems();
        Assert.Null(TestZone.TryLoad("example.org.", text, problems));
        Assert.Contains(string.Join('|', problems.Errors), expected.Contains("|example", StringComparison.Ordinal) ? expected.Split('|') : [expected]);
    }

    [Theory]
    [InlineData("$TTL 60\n@ SOA a b 1 2 3 4 5\n", "zone:2:1: warning: there should be NS records at example.org.")]
    [InlineData(Apex + "www.example.net. A 192.0.2.1\n", "zone:4:1: warning: www.example.net. is not in the zone example.org.; the record is left out")]
    [InlineData(Apex + "a 60 A 192.0.2.1\na 61 A 192.0.2.2\na 62 A 192.0.2.3\n", "zone:5:1: warning: the TTL of a.example.org. A must be the same in all records; 60 of the first one is used")]
    [InlineData(Apex + "c NS ns.c\n", "zone:4:1: warning: c.example.org. NS: ns.c.example.org. does not exist")]
    [InlineData(Apex + "c NS ns.c\nns.c TXT x\n", "zone:4:1: warning: c.example.org. NS: ns.c.example.org. has no A or AAAA records")]
    [InlineData(Apex + "c NS alias\nalias CNAME www\nwww A 192.0.2.1\n", "zone:4:1: warning: c.example.org. NS: alias.example.org. is a CNAME, which is not allowed (RFC 2181 §10.3)")]
    [InlineData(Apex + "m MX 10 nothing\n", "zone:4:1: warning: m.example.org. MX: nothing.example.org. does not exist")]
    [InlineData(Apex + "s SRV 1 1 1 nothing\n", "zone:4:1: warning: s.example.org. SRV: nothing.example.org. does not exist")]
    [InlineData(Apex + "@ DS 1 13 2 AABB\n", "zone:4:1: warning: a DS record at the top of the zone is never asked for here; it belongs into the zone above example.org.")]
    [InlineData(Apex + "*.w NS ns.example.net.\n", "zone:4:1: warning: *.w.example.org. has NS; a wildcard cannot delegate (RFC 4592 §4.2)")]
    public void Warnings(string text, string expected)
    {
        var problems = new ZoneProblems();
        Assert.NotNull(TestZone.TryLoad("example.org.", text, problems));
        Assert.Equal([expected], problems.Items.Select(i => i.ToString()));
    }

    /// <summary>What could be taken for wrong and is not.</summary>
    [Theory]
    [InlineData("c NS ns.c\nns.c A 192.0.2.1\nd NS ns.c\nd NS host.d2\nd2 NS ns.example.net.\n")]     // glue of another delegation is for that one to have
    [InlineData("m MX 0 .\ns SRV 0 0 0 .\n")]                                                         // RFC 7505, RFC 2782: no service
    [InlineData("m MX 10 x.w\n*.w A 192.0.2.1\n")]
    [InlineData("m MX 10 x.d\nd DNAME example.net.\n")]
    [InlineData("a CNAME b\na RRSIG CNAME 13 3 60 20300101000000 20200101000000 1 @ AA==\na NSEC b CNAME\n")]
    [InlineData("a A 192.0.2.1\na A 192.0.2.1\nB TXT x\nb TXT x\n")]
    public void Fine(string text)
    {
        var problems = new ZoneProblems();
        Assert.NotNull(TestZone.TryLoad("example.org.", Apex + text, problems));
        Assert.Empty(problems.Items.Select(i => i.ToString()));
    }

    [Fact]
    public void ProblemsAreCountedBeyondThoseKept()
    {
        var problems = new ZoneProblems();
        string text = Apex + string.Concat(Enumerable.Range(0, 250).Select(i => $"x{i}.example.net. A 192.0.2.1\n"));
        Assert.NotNull(TestZone.TryLoad("example.org.", text, problems));
        Assert.Equal(250, problems.WarningCount);
        Assert.Equal(ZoneProblems.Limit, problems.Items.Count);
    }
}
