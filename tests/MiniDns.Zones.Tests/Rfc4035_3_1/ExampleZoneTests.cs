using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc4035_3_1;

/// <summary>The zone of RFC 4035 appendix A, and the responses of its appendix B.</summary>
public sealed class ExampleZoneTests
{
    internal const string Text = """
        $TTL 3600
        @       SOA    ns1 bugs.x.w 1081539377 3600 300 3600000 3600
        @       NS     ns1
        @       NS     ns2
        @       MX     1 xx
        @       DNSKEY 256 3 13 bm90IGEga2V5IGF0IGFsbA==
        @       NSEC   a NS SOA MX RRSIG NSEC DNSKEY
        a       NS     ns1.a
        a       NS     ns2.a
        a       DS     57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B
        a       NSEC   ai NS DS RRSIG NSEC
        ns1.a   A      192.0.2.5
        ns2.a   A      192.0.2.6
        ai      A      192.0.2.9
        ai      HINFO  "KLH-10" "ITS"
        ai      AAAA   2001:db8::f00:baa9
        ai      NSEC   b A HINFO AAAA RRSIG NSEC
        b       NS     ns1.b
        b       NS     ns2.b
        b       NSEC   ns1 NS RRSIG NSEC
        ns1.b   A      192.0.2.7
        ns2.b   A      192.0.2.8
        ns1     A      192.0.2.1
        ns1     NSEC   ns2 A RRSIG NSEC
        ns2     A      192.0.2.2
        ns2     NSEC   *.w A RRSIG NSEC
        *.w     MX     1 ai
        *.w     NSEC   x.w MX RRSIG NSEC
        x.w     MX     1 xx
        x.w     NSEC   x.y.w MX RRSIG NSEC
        x.y.w   MX     1 xx
        x.y.w   NSEC   xx MX RRSIG NSEC
        xx      A      192.0.2.10
        xx      HINFO  "KLH-10" "TOPS-20"
        xx      AAAA   2001:db8::f00:baaa
        xx      NSEC   @ A HINFO AAAA RRSIG NSEC
        """;

    private const string Xx = "xx.example. A+, xx.example. AAAA+";
    private static readonly TestZone Example = TestZone.LoadSigned("example.", Text);

    /// <summary>The examples B.1 to B.8, in order, then B.6's and B.7's kin.</summary>
    [Theory]
    [InlineData("x.w.example.", DnsRecordType.MX, "Answer: x.w.example. MX+ | example. NS+ | " + Xx)]
    [InlineData("ml.example.", DnsRecordType.A, "NameError:  | example. SOA+, b.example. NSEC+, example. NSEC+ | ")]
    [InlineData("ns1.example.", DnsRecordType.MX, "NoData:  | example. SOA+, ns1.example. NSEC+ | ")]
    [InlineData("mc.a.example.", DnsRecordType.MX, "Delegation:  | a.example. NS, a.example. DS+ | ns1.a.example. A, ns2.a.example. A")]
    [InlineData("mc.b.example.", DnsRecordType.MX, "Delegation:  | b.example. NS, b.example. NSEC+ | ns1.b.example. A, ns2.b.example. A")]
    [InlineData("a.z.w.example.", DnsRecordType.MX, "Answer: a.z.w.example. MX+ | x.y.w.example. NSEC+, example. NS+ | ai.example. A+, ai.example. AAAA+")]
    [InlineData("a.z.w.example.", DnsRecordType.AAAA, "NoData:  | example. SOA+, x.y.w.example. NSEC+, *.w.example. NSEC+ | ")]
    [InlineData("example.", DnsRecordType.DS, "NoData:  | example. SOA+, example. NSEC+ | ")]
    [InlineData("b.example.", DnsRecordType.DS, "NoData:  | example. SOA+, b.example. NSEC+ | ")]
    [InlineData("a.example.", DnsRecordType.DS, "Answer: a.example. DS+ | example. NS+ | ")]
    [InlineData("y.w.example.", DnsRecordType.A, "NoData:  | example. SOA+, x.w.example. NSEC+ | ")]
    [InlineData("w.example.", DnsRecordType.A, "NoData:  | example. SOA+, ns2.example. NSEC+ | ")]
    [InlineData("z.x.w.example.", DnsRecordType.A, "NameError:  | example. SOA+, x.w.example. NSEC+ | ")]
    [InlineData("zz.example.", DnsRecordType.A, "NameError:  | example. SOA+, xx.example. NSEC+, example. NSEC+ | ")]
    [InlineData("example.", DnsRecordType.DNSKEY, "Answer: example. DNSKEY+ | example. NS+ | ")]
    [InlineData("ns1.example.", DnsRecordType.NSEC, "Answer: ns1.example. NSEC+ | example. NS+ | ")]
    [InlineData("ns1.example.", DnsRecordType.RRSIG, "Answer: ns1.example. RRSIG(A), ns1.example. RRSIG(NSEC) | example. NS+ | ")]
    [InlineData("ns1.example.", DnsRecordType.ANY, "Answer: ns1.example. A+, ns1.example. NSEC+ | example. NS+ | ")]
    public void WithDo(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type, dnssec: true));

    /// <summary>§3.1: without DO nothing of it is sent that was not asked for.</summary>
    [Theory]
    [InlineData("x.w.example.", DnsRecordType.MX, "Answer: x.w.example. MX | example. NS | xx.example. A, xx.example. AAAA")]
    [InlineData("ml.example.", DnsRecordType.A, "NameError:  | example. SOA | ")]
    [InlineData("mc.b.example.", DnsRecordType.MX, "Delegation:  | b.example. NS | ns1.b.example. A, ns2.b.example. A")]
    [InlineData("mc.a.example.", DnsRecordType.MX, "Delegation:  | a.example. NS | ns1.a.example. A, ns2.a.example. A")]
    [InlineData("ns1.example.", DnsRecordType.NSEC, "Answer: ns1.example. NSEC | example. NS | ")]
    public void WithoutDo(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>§3.1.3.3: a wildcard's signature goes under the name asked for, its labels field tells the truth.</summary>
    [Fact]
    public void ExpandedSignature()
    {
        IReadOnlyList<string> answer = Example.Records("a.z.w.example.", DnsRecordType.MX, DnsSection.Answer, dnssec: true);
        Assert.Equal("a.z.w.example. 3600 IN MX 1 ai.example.", answer[0]);
        Assert.StartsWith("a.z.w.example. 3600 IN RRSIG MX 13 2 3600 ", answer[1]);
    }

    /// <summary>Aliases prove each expansion; a DNAME's CNAME has no signature (RFC 6672 §5.3.1).</summary>
    [Fact]
    public void Aliases()
    {
        TestZone zone = TestZone.LoadSigned("example.", """
            $TTL 60
            @    SOA   ns admin 1 2 3 4 5
            @    NS    ns.elsewhere.
            @    NSEC  d NS SOA NSEC RRSIG
            d    DNAME w
            d    NSEC  *.w DNAME NSEC RRSIG
            *.w  CNAME z
            *.w  NSEC  z CNAME NSEC RRSIG
            z    A     192.0.2.1
            z    NSEC  @ A NSEC RRSIG
            """);
        Assert.Equal(
            "Answer: d.example. DNAME+, a.d.example. CNAME, a.w.example. CNAME+, z.example. A+ | *.w.example. NSEC+, example. NS+ | ",
            zone.Ask("a.d.example.", DnsRecordType.A, dnssec: true));
    }
}
