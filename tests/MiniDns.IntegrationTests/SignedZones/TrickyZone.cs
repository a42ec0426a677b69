namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>A small zone that has every case that a proof may have to tell apart.</summary>
internal static class TrickyZone
{
    /// <summary>Its name, without the last dot.</summary>
    public const string Origin = "signed.example";

    /// <summary>Its records, but for the DS records of its signed children.</summary>
    public const string Text = """
        @            SOA   ns1 hostmaster 1 7200 3600 1209600 300
        @            NS    ns1
        @            NS    ns2
        @            A     192.0.2.80
        @            AAAA  2001:db8::80
        @            MX    10 mail
        @            TXT   "at the apex"
        @            CAA   0 issue "ca.example.net"
        ns1          A     127.0.0.1
        ns2          A     127.0.0.1
        mail         A     192.0.2.25
        mail         AAAA  2001:db8::25
        _sip._tcp    SRV   0 5 5060 sip
        _sip._tcp    SRV   0 5 5060 elsewhere.example.net.
        sip          A     192.0.2.60
        web          A     192.0.2.1
        web          A     192.0.2.2
        web          SSHFP 4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789
        www          CNAME web
        chain        CNAME www
        lost         CNAME missing
        hollow       CNAME b.ent
        across       CNAME www.secure
        beyond       CNAME www.insecure
        outside      CNAME www.here
        towild       CNAME some.wild
        a.b.ent      A     192.0.2.3
        *.wild       A     192.0.2.4
        *.wild       MX    10 mail
        sub.wild     A     192.0.2.5
        *.alias      CNAME web
        *.lost       CNAME missing
        x.*.odd      A     192.0.2.6
        old          DNAME new
        old          A     192.0.2.7
        www.new      A     192.0.2.8
        *.new        TXT   "any"
        away         DNAME secure
        UpperCase    A     192.0.2.9
        a\.b         A     192.0.2.10
        sp\032ace    A     192.0.2.11
        \000         A     192.0.2.12
        \255         A     192.0.2.13
        unknown      TYPE65400 \# 3 abcdef
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-1"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-2"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-3"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-4"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-5"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-6"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-7"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-8"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-9"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-A"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-B"
        big          TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-C"
        here         NS    ns1
        plain        NS    ns1
        secure       NS    ns.secure
        ns.secure    A     127.0.0.3
        insecure     NS    ns.insecure
        ns.insecure  A     127.0.0.3
        far.deep     NS    ns.far.deep
        ns.far.deep  A     127.0.0.3

        """;

    /// <summary>The records of a signed child.</summary>
    /// <param name="address">Where it is served.</param>
    public static string Child(string address) => $"""
        @      SOA   ns hostmaster 1 7200 3600 1209600 300
        @      NS    ns
        ns     A     {address}
        www    A     192.0.2.101
        *.wild A     192.0.2.102

        """;

    /// <summary>The file of an unsigned child.</summary>
    public static string Unsigned(string address) => "$TTL 3600\n" + Child(address);
}
