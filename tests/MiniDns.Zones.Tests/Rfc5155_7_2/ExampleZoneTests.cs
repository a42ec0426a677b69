using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc5155_7_2;

/// <summary>The zone of RFC 5155 appendix A, which opts out, and the responses of its appendix B.</summary>
public sealed class ExampleZoneTests
{
    private const string Apex = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. NSEC3+";
    private const string Ns1 = "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. NSEC3+";
    private const string A = "35mthgpgcu1qg68fab165klnsnk3dpvl.example. NSEC3+";
    private const string XW = "b4um86eghhds6nea196smvmlo4ors995.example. NSEC3+";
    private const string YW = "ji6neoaepv8b5o6k4ev33abha8ht9fgc.example. NSEC3+";
    private const string W = "k8udemvp1j2f7eg6jebps17vp3n8i58h.example. NSEC3+";
    private const string Ns2 = "q04jkcevqvmu85r014c7dkba38o0ji5r.example. NSEC3+";
    private const string WildW = "r53bq7cc2uvmubfu5ocmm6pers9tk9en.example. NSEC3+";
    private const string Soa = "example. SOA+";

    private const string Text = """
        $TTL 3600
        @       SOA    ns1 bugs.x.w 1 3600 300 3600000 3600
        @       NS     ns1
        @       NS     ns2
        @       MX     1 xx
        @       DNSKEY 256 3 13 bm90IGEga2V5IGF0IGFsbA==
        @       NSEC3PARAM 1 0 12 aabbccdd
        a       NS     ns1.a
        a       NS     ns2.a
        a       DS     58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
        ns1.a   A      192.0.2.5
        ns2.a   A      192.0.2.6
        ai      A      192.0.2.9
        ai      HINFO  "KLH-10" "ITS"
        ai      AAAA   2001:db8::f00:baa9
        c       NS     ns1.c
        c       NS     ns2.c
        ns1.c   A      192.0.2.7
        ns2.c   A      192.0.2.8
        ns1     A      192.0.2.1
        ns2     A      192.0.2.2
        *.w     MX     1 ai
        x.w     MX     1 xx
        x.y.w   MX     1 xx
        xx      A      192.0.2.10
        xx      HINFO  "KLH-10" "TOPS-20"
        xx      AAAA   2001:db8::f00:baaa
        0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM
        2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG
        2vptu5timamqttgl4luu9kg21e0aor3s NSEC3 1 1 12 aabbccdd 35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG
        35mthgpgcu1qg68fab165klnsnk3dpvl NSEC3 1 1 12 aabbccdd b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG
        b4um86eghhds6nea196smvmlo4ors995 NSEC3 1 1 12 aabbccdd gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG
        gjeqe526plbf1g8mklp59enfd789njgi NSEC3 1 1 12 aabbccdd ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG
        ji6neoaepv8b5o6k4ev33abha8ht9fgc NSEC3 1 1 12 aabbccdd k8udemvp1j2f7eg6jebps17vp3n8i58h
        k8udemvp1j2f7eg6jebps17vp3n8i58h NSEC3 1 1 12 aabbccdd kohar7mbb8dc2ce8a9qvl8hon4k53uhi
        kohar7mbb8dc2ce8a9qvl8hon4k53uhi NSEC3 1 1 12 aabbccdd q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG
        q04jkcevqvmu85r014c7dkba38o0ji5r NSEC3 1 1 12 aabbccdd r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG
        r53bq7cc2uvmubfu5ocmm6pers9tk9en NSEC3 1 1 12 aabbccdd t644ebqk9bibcna874givr6joj62mlhv MX RRSIG
        t644ebqk9bibcna874givr6joj62mlhv NSEC3 1 1 12 aabbccdd 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG
        2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127
        """;

    private static readonly TestZone Example = TestZone.LoadSigned("example.", Text);

    [Theory]
    [InlineData("a.c.x.w.example.", DnsRecordType.A, $"NameError:  | {Soa}, {XW}, {Apex}, {A} | ")]                                                // B.1
    [InlineData("ns1.example.", DnsRecordType.MX, $"NoData:  | {Soa}, {Ns1} | ")]                                                                  // B.2
    [InlineData("y.w.example.", DnsRecordType.A, $"NoData:  | {Soa}, {YW} | ")]                                                                    // B.2.1
    [InlineData("mc.c.example.", DnsRecordType.MX, $"Delegation:  | c.example. NS, {Apex}, {A} | ns1.c.example. A, ns2.c.example. A")]             // B.3
    [InlineData("a.z.w.example.", DnsRecordType.MX, $"Answer: a.z.w.example. MX+ | {Ns2}, example. NS+ | ai.example. A+, ai.example. AAAA+")]       // B.4
    [InlineData("a.z.w.example.", DnsRecordType.AAAA, $"NoData:  | {Soa}, {W}, {Ns2}, {WildW} | ")]                                                // B.5
    [InlineData("example.", DnsRecordType.DS, $"NoData:  | {Soa}, {Apex} | ")]                                                                     // B.6
    [InlineData("c.example.", DnsRecordType.DS, $"NoData:  | {Soa}, {Apex}, {A} | ")]                                                              // §7.2.4
    [InlineData("mc.a.example.", DnsRecordType.MX, "Delegation:  | a.example. NS, a.example. DS+ | ns1.a.example. A, ns2.a.example. A")]
    public void WithDo(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type, dnssec: true));

    /// <summary>§7.2.8: the owner names of NSEC3 records do not exist for queries; other data beside them does.</summary>
    [Theory]
    [InlineData("k8udemvp1j2f7eg6jebps17vp3n8i58h.example.", DnsRecordType.NSEC3, "NameError:  | example. SOA | ")]
    [InlineData("k8udemvp1j2f7eg6jebps17vp3n8i58h.example.", DnsRecordType.ANY, "NameError:  | example. SOA | ")]
    [InlineData("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", DnsRecordType.NSEC3, "NoData:  | example. SOA | ")]
    [InlineData("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", DnsRecordType.A, "Answer: 2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. A | example. NS | ")]
    public void HashedOwners(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>Appendix A's hashes.</summary>
    [Theory]
    [InlineData("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom")]
    [InlineData("a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl")]
    [InlineData("AI.example.", "gjeqe526plbf1g8mklp59enfd789njgi")]
    [InlineData("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en")]
    [InlineData("x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s")]
    public void Hashes(string name, string expected)
    {
        byte[] hash = new byte[Nsec3Hash.Size];
        byte[] wanted = new byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(DnsName.Parse(name).View, [0xAA, 0xBB, 0xCC, 0xDD], 12, hash);
        Assert.True(Nsec3Hash.TryParse(System.Text.Encoding.ASCII.GetBytes(expected), wanted));
        Assert.Equal(wanted, hash);
    }

    /// <summary>Transfers have the whole chain, and what stands beside it.</summary>
    [Fact]
    public void AllRecordsAreKept()
    {
        int hashed = 0;
        int total = 0;
        foreach (RRsetView set in Example.Zone.Records)
        {
            hashed += set.Type == DnsRecordType.NSEC3 ? 1 : 0;
            total += set.Count;
        }

        Assert.Equal(12, hashed);
        Assert.Equal(Text.Split('\n').Length - 1 + TestZone.Signatures("example.", Text).Trim().Split('\n').Length, total);
    }
}
