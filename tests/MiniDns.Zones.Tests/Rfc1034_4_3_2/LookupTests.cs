using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc1034_4_3_2;

/// <summary>The algorithm's steps, in a zone without signatures.</summary>
public sealed class LookupTests
{
    private static readonly TestZone Example = TestZone.Load("example.org.", """
        $TTL 3600
        @          SOA   ns1 admin 42 7200 3600 1209600 300
        @          NS    ns1
        @          NS    ns.elsewhere.net.
        @          MX    10 mail
        ns1        A     192.0.2.1
        ns1        AAAA  2001:db8::1
        mail       A     192.0.2.2
        WWW        A     192.0.2.3
        WWW        A     192.0.2.4
        alias      CNAME www
        chain      CNAME alias
        dangling   CNAME nothing
        nodata     CNAME mail
        outside    CNAME www.example.net.
        away       CNAME host.child
        loop1      CNAME loop2
        loop2      CNAME loop1
        self       CNAME self
        srv        SRV   1 1 80 www
        srv        SRV   2 1 80 www
        srv        SRV   3 1 80 mail
        mx2        MX    10 host.child
        child      NS    ns.child
        child      NS    ns1
        child      NS    ns.elsewhere.net.
        child      DS    1 13 2 0000000000000000000000000000000000000000000000000000000000000000
        child      TXT   "not ours to say"
        ns.child   A     192.0.2.5
        host.child A     192.0.2.6
        a.b.c      TXT   "deep"
        """);

    /// <summary>Step 3a: the name is there.</summary>
    [Theory]
    [InlineData("www.example.org.", DnsRecordType.A, "Answer: WWW.example.org. A | example.org. NS | ")]
    [InlineData("wWw.eXample.ORG.", DnsRecordType.A, "Answer: WWW.example.org. A | example.org. NS | ")]
    [InlineData("www.example.org.", DnsRecordType.AAAA, "NoData:  | example.org. SOA | ")]
    [InlineData("example.org.", DnsRecordType.SOA, "Answer: example.org. SOA | example.org. NS | ")]
    [InlineData("example.org.", DnsRecordType.NS, "Answer: example.org. NS |  | ns1.example.org. A, ns1.example.org. AAAA")]
    [InlineData("example.org.", DnsRecordType.TXT, "NoData:  | example.org. SOA | ")]
    [InlineData("example.org.", DnsRecordType.MX, "Answer: example.org. MX | example.org. NS | mail.example.org. A")]
    [InlineData("example.org.", DnsRecordType.ANY, "Answer: example.org. NS, example.org. SOA, example.org. MX |  | ")]
    [InlineData("ns1.example.org.", DnsRecordType.ANY, "Answer: ns1.example.org. A, ns1.example.org. AAAA | example.org. NS | ")]
    [InlineData("example.org.", DnsRecordType.DS, "NoData:  | example.org. SOA | ")]
    public void Match(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>Step 3a: aliases, followed while they stay in the zone.</summary>
    [Theory]
    [InlineData("alias.example.org.", DnsRecordType.A, "Answer: alias.example.org. CNAME, WWW.example.org. A | example.org. NS | ")]
    [InlineData("chain.example.org.", DnsRecordType.A, "Answer: chain.example.org. CNAME, alias.example.org. CNAME, WWW.example.org. A | example.org. NS | ")]
    [InlineData("chain.example.org.", DnsRecordType.CNAME, "Answer: chain.example.org. CNAME | example.org. NS | ")]
    [InlineData("chain.example.org.", DnsRecordType.ANY, "Answer: chain.example.org. CNAME | example.org. NS | ")]
    [InlineData("dangling.example.org.", DnsRecordType.A, "NameError: dangling.example.org. CNAME | example.org. SOA | ")]
    [InlineData("nodata.example.org.", DnsRecordType.TXT, "NoData: nodata.example.org. CNAME | example.org. SOA | ")]
    [InlineData("outside.example.org.", DnsRecordType.A, "Leaves to www.example.net.: outside.example.org. CNAME |  | ")]
    [InlineData("away.example.org.", DnsRecordType.A, "Delegation: away.example.org. CNAME | child.example.org. NS | ns.child.example.org. A, ns1.example.org. A, ns1.example.org. AAAA")]
    [InlineData("loop1.example.org.", DnsRecordType.A, "Answer: loop1.example.org. CNAME, loop2.example.org. CNAME | example.org. NS | ")]
    [InlineData("self.example.org.", DnsRecordType.A, "Answer: self.example.org. CNAME | example.org. NS | ")]
    public void Aliases(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>Step 3b: a referral; DS is the parent's (RFC 4035 §3.1.4.1).</summary>
    [Theory]
    [InlineData("child.example.org.", DnsRecordType.NS)]
    [InlineData("child.example.org.", DnsRecordType.TXT)]
    [InlineData("child.example.org.", DnsRecordType.ANY)]
    [InlineData("host.child.example.org.", DnsRecordType.A)]
    [InlineData("host.child.example.org.", DnsRecordType.DS)]
    [InlineData("not.there.child.example.org.", DnsRecordType.A)]
    public void Referral(string name, DnsRecordType type) =>
        Assert.Equal("Delegation:  | child.example.org. NS | ns.child.example.org. A, ns1.example.org. A, ns1.example.org. AAAA", Example.Ask(name, type));

    [Fact]
    public void DsAtTheCut() => Assert.Equal("Answer: child.example.org. DS | example.org. NS | ", Example.Ask("child.example.org.", DnsRecordType.DS));

    /// <summary>Step 3c: no such name.</summary>
    [Theory]
    [InlineData("nothing.example.org.")]
    [InlineData("x.www.example.org.")]
    [InlineData("very.deep.indeed.below.nothing.at.all.example.org.")]
    [InlineData("x.a.b.c.example.org.")]
    public void NameError(string name) => Assert.Equal("NameError:  | example.org. SOA | ", Example.Ask(name, DnsRecordType.A));

    [Theory]
    [InlineData("c.example.org.")]
    [InlineData("b.c.example.org.")]
    public void EmptyNonTerminal(string name) => Assert.Equal("NoData:  | example.org. SOA | ", Example.Ask(name, DnsRecordType.TXT));

    /// <summary>Step 6: addresses of targets, each once; of targets below a cut only in referrals.</summary>
    [Theory]
    [InlineData("srv.example.org.", DnsRecordType.SRV, "Answer: srv.example.org. SRV | example.org. NS | WWW.example.org. A, mail.example.org. A")]
    [InlineData("mx2.example.org.", DnsRecordType.MX, "Answer: mx2.example.org. MX | example.org. NS | ")]
    public void Additional(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    [Fact]
    public void RecordsKeepTheOrderOfTheFile() =>
        Assert.Equal(
            ["WWW.example.org. 3600 IN A 192.0.2.3", "WWW.example.org. 3600 IN A 192.0.2.4"],
            Example.Records("www.example.org.", DnsRecordType.A, DnsSection.Answer));

    [Fact]
    public void ALongChainEnds()
    {
        string chain = string.Concat(Enumerable.Range(0, 40).Select(i => $"c{i} CNAME c{i + 1}\n"));
        TestZone zone = TestZone.Load("example.org.", "$TTL 60\n@ SOA ns a 1 2 3 4 5\n@ NS ns.example.net.\n" + chain);
        ZoneAnswer answer = zone.Find("c0.example.org.", DnsRecordType.A, false, out AnswerText text, out _);
        Assert.Equal(new ZoneAnswer(ZoneOutcome.Answer, ZoneLookup.MaxAliases), answer);
        Assert.Equal(ZoneLookup.MaxAliases, text.Records(DnsSection.Answer).Count);
    }

    [Fact]
    public void TheRootZone()
    {
        TestZone zone = TestZone.Load(".", """
            . 60 SOA a.root. b.root. 1 2 3 4 5
            . 60 NS a.root.
            a.root. 60 A 192.0.2.1
            org. 60 NS ns.org.
            ns.org. 60 A 192.0.2.2
            """);
        Assert.Equal("Delegation:  | org. NS | ns.org. A", zone.Ask("www.example.org.", DnsRecordType.A));
        Assert.Equal("NameError:  | . SOA | ", zone.Ask("com.", DnsRecordType.A));
        Assert.Equal("Answer: . NS |  | a.root. A", zone.Ask(".", DnsRecordType.NS));
    }
}
