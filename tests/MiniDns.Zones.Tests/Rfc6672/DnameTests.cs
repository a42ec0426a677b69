using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc6672;

/// <summary>RFC 6672 §2 and §3: DNAME redirects what is below its owner.</summary>
public sealed class DnameTests
{
    private static readonly TestZone Example = TestZone.Load("example.", """
        $TTL 600
        @          SOA   ns admin 1 2 3 4 5
        @          NS    ns.elsewhere.
        d     77   DNAME target
        d          A     192.0.2.1
        hidden.d   A     192.0.2.2
        www.target A     192.0.2.3
        sub.target CNAME www.d
        out        DNAME example.net.
        x          DNAME y
        y          DNAME x
        grow       DNAME grow.grow
        cut        NS    ns.elsewhere.
        todel      DNAME cut
        *.w        A     192.0.2.4
        tow        DNAME w
        """);

    [Theory]
    [InlineData("d.example.", DnsRecordType.A, "Answer: d.example. A | example. NS | ")]
    [InlineData("d.example.", DnsRecordType.DNAME, "Answer: d.example. DNAME | example. NS | ")]
    [InlineData("d.example.", DnsRecordType.TXT, "NoData:  | example. SOA | ")]
    [InlineData("www.d.example.", DnsRecordType.A, "Answer: d.example. DNAME, www.d.example. CNAME, www.target.example. A | example. NS | ")]
    [InlineData("www.d.example.", DnsRecordType.CNAME, "Answer: d.example. DNAME, www.d.example. CNAME | example. NS | ")]
    [InlineData("www.d.example.", DnsRecordType.DNAME, "NoData: d.example. DNAME, www.d.example. CNAME | example. SOA | ")]
    [InlineData("hidden.d.example.", DnsRecordType.A, "NameError: d.example. DNAME, hidden.d.example. CNAME | example. SOA | ")]
    [InlineData("sub.d.example.", DnsRecordType.A, "Answer: d.example. DNAME, sub.d.example. CNAME, sub.target.example. CNAME, www.d.example. CNAME, www.target.example. A | example. NS | ")]
    [InlineData("a.b.out.example.", DnsRecordType.A, "Leaves to a.b.example.net.: out.example. DNAME, a.b.out.example. CNAME |  | ")]
    [InlineData("a.todel.example.", DnsRecordType.A, "Delegation: todel.example. DNAME, a.todel.example. CNAME | cut.example. NS | ")]
    [InlineData("a.tow.example.", DnsRecordType.A, "Answer: tow.example. DNAME, a.tow.example. CNAME, a.w.example. A | example. NS | ")]
    [InlineData("a.x.example.", DnsRecordType.A, "Answer: x.example. DNAME, a.x.example. CNAME, y.example. DNAME, a.y.example. CNAME | example. NS | ")]
    public void Redirects(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>§3.1: the CNAME has the DNAME's TTL.</summary>
    [Fact]
    public void SynthesizedCname() =>
        Assert.Equal(
            ["d.example. 77 IN DNAME target.example.", "www.d.example. 77 IN CNAME www.target.example.", "www.target.example. 600 IN A 192.0.2.3"],
            Example.Records("www.d.example.", DnsRecordType.A, DnsSection.Answer));

    /// <summary>§2.2: a name that becomes too long is YXDOMAIN, and the DNAME is in the answer.</summary>
    [Fact]
    public void TooLong()
    {
        string label = new('a', 60);
        string name = $"{label}.{label}.{label}.{new string('b', 55)}.grow.example.";
        Assert.Equal("TooLong: grow.example. DNAME | example. NS | ", Example.Ask(name, DnsRecordType.A));
    }

    [Fact]
    public void AGrowingLoopEnds()
    {
        ZoneAnswer answer = Example.Find("a.grow.example.", DnsRecordType.A, false, out _, out _);
        Assert.Equal(new ZoneAnswer(ZoneOutcome.Answer, ZoneLookup.MaxAliases), answer);
    }

    [Fact]
    public void AtTheApex()
    {
        TestZone zone = TestZone.Load("example.", """
            @ 60 SOA ns admin 1 2 3 4 5
            @ 60 NS ns.elsewhere.
            @ 60 DNAME example.net.
            www 60 A 192.0.2.1
            """);
        Assert.Equal("Answer: example. SOA | example. NS | ", zone.Ask("example.", DnsRecordType.SOA));
        Assert.Equal("Leaves to www.example.net.: example. DNAME, www.example. CNAME |  | ", zone.Ask("www.example.", DnsRecordType.A));
    }

    /// <summary>§2.2: what a DNAME makes of names at and below its owner, and beside it.</summary>
    [Theory]
    [InlineData("com.", "example.com.", "example.net.", null)]
    [InlineData("example.com.", "example.com.", "example.net.", null)]
    [InlineData("a.example.com.", "example.com.", "example.net.", "a.example.net.")]
    [InlineData("a.b.example.com.", "example.com.", "example.net.", "a.b.example.net.")]
    [InlineData("ab.example.com.", "b.example.com.", "example.net.", null)]
    [InlineData("foo.example.com.", "example.com.", "example.net.", "foo.example.net.")]
    [InlineData("a.x.example.com.", "x.example.com.", "example.net.", "a.example.net.")]
    [InlineData("a.example.com.", "example.com.", "y.example.net.", "a.y.example.net.")]
    [InlineData("cyc.example.com.", "example.com.", "example.com.", "cyc.example.com.")]
    [InlineData("cyc.example.com.", "example.com.", "c.example.com.", "cyc.c.example.com.")]
    [InlineData("shortloop.x.x.", "x.", "", "shortloop.x.")]
    [InlineData("shortloop.x.", "x.", "", "shortloop.")]
    public void Substitution(string name, string owner, string target, string? expected)
    {
        TestZone zone = TestZone.Load(".", $". 60 SOA ns.test. admin.test. 1 2 3 4 5\n. 60 NS ns.test.\nns.test. 60 A 192.0.2.1\n{owner} 60 DNAME {target.TrimEnd('.')}.\n");
        string? cname = zone.Records(name, DnsRecordType.A, DnsSection.Answer).FirstOrDefault(r => r.Contains(" CNAME ", StringComparison.Ordinal));
        Assert.Equal(expected is null ? null : $"{name} 60 IN CNAME {expected}", cname);
    }
}
