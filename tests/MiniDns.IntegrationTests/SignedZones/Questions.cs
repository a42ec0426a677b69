namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>The questions about <see cref="TrickyZone"/>.</summary>
internal static class Questions
{
    private const string Web1 = "A 192.0.2.1";
    private const string Web2 = "A 192.0.2.2";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Question> All { get; } =
    [
        // What is there.
        Ok("signed.example A", "A 192.0.2.80"),
        Ok("signed.example AAAA", "AAAA 2001:db8::80"),
        Ok("signed.example NS", "NS ns1.signed.example.", "NS ns2.signed.example."),
        Ok("signed.example SOA", "SOA ns1.signed.example. hostmaster.signed.example. * 7200 3600 1209600 300"),
        Ok("signed.example MX", "MX 10 mail.signed.example."),
        Ok("signed.example TXT", "TXT \"at the apex\""),
        Ok("signed.example CAA", "CAA 0 issue \"ca.example.net\""),
        Ok("signed.example DNSKEY", "DNSKEY 256 3 *", "DNSKEY 257 3 *"),
        Ok("_sip._tcp.signed.example SRV", "SRV 0 5 5060 elsewhere.example.net.", "SRV 0 5 5060 sip.signed.example."),
        Ok("web.signed.example A", Web1, Web2),
        Ok("web.signed.example SSHFP", "SSHFP 4 2 *"),
        Ok("unknown.signed.example TYPE65400", @"TYPE65400 \# 3 ABCDEF"),
        Ok("uppercase.signed.example A", "A 192.0.2.9"),
        Ok(@"a\.b.signed.example A", "A 192.0.2.10"),
        Ok(@"sp\032ace.signed.example A", "A 192.0.2.11"),
        Ok(@"\000.signed.example A", "A 192.0.2.12"),
        Ok(@"\255.signed.example A", "A 192.0.2.13"),
        Ok("big.signed.example TXT", [.. "123456789ABC".Select(_ => "TXT *")]),

        // RFC 1034, section 3.6.2: aliases; the end of a chain needs its own proof.
        Ok("www.signed.example CNAME", "CNAME web.signed.example."),
        Ok("www.signed.example A", "CNAME web.signed.example.", Web1, Web2),
        Ok("chain.signed.example A", "CNAME www.signed.example.", "CNAME web.signed.example.", Web1, Web2),
        Ok("www.signed.example TXT", "CNAME web.signed.example."),
        Ok("hollow.signed.example A", "CNAME b.ent.signed.example."),
        new("lost.signed.example A", "NXDOMAIN", Trust.SecureUnlessOptOut, "CNAME missing.signed.example."),
        new("towild.signed.example A", "NOERROR", Trust.SecureUnlessOptOut, "CNAME some.wild.signed.example.", "A 192.0.2.4"),
        Ok("across.signed.example A", "CNAME www.secure.signed.example.", "A 192.0.2.101"),
        Ok("outside.signed.example A", "CNAME www.here.signed.example.", "A 192.0.2.101"),
        new("beyond.signed.example A", "NOERROR", Trust.Insecure, "CNAME www.insecure.signed.example.", "A 192.0.2.101"),

        // RFC 4035, section 3.1.3.1, and RFC 5155, section 7.2.3: NODATA.
        Ok("web.signed.example AAAA"),
        Ok("signed.example SRV"),
        Ok("web.signed.example DS"),
        Ok("ent.signed.example A"),
        Ok("b.ent.signed.example A"),
        Ok("b.ent.signed.example NS"),
        Ok("_tcp.signed.example SRV"),
        Ok("new.signed.example A"),
        Ok("old.signed.example AAAA"),

        // RFC 4035, section 3.1.3.2, and RFC 5155, section 7.2.2: no such name.
        No("missing.signed.example A"),
        No("a.missing.signed.example A"),
        No("zzzz.signed.example A"),
        No(@"\001.signed.example A"),
        No("c.b.ent.signed.example A"),
        No("below.a.b.ent.signed.example A"),
        No("below.web.signed.example TXT"),
        No("below.sub.wild.signed.example A"),
        No("missing.signed.example DS"),

        // RFC 4035, section 3.1.3.3, and RFC 5155, section 7.2.6: a wildcard stands in.
        Wild("any.wild.signed.example A", "A 192.0.2.4"),
        Wild("deep.down.in.wild.signed.example A", "A 192.0.2.4"),
        Wild("any.wild.signed.example MX", "MX 10 mail.signed.example."),
        Wild("any.alias.signed.example A", "CNAME web.signed.example.", Web1, Web2),
        new("any.lost.signed.example A", "NXDOMAIN", Trust.SecureUnlessOptOut, "CNAME missing.signed.example."),
        Wild("other.new.signed.example TXT", "TXT \"any\""),
        Ok("*.wild.signed.example A", "A 192.0.2.4"),
        Ok("sub.wild.signed.example A", "A 192.0.2.5"),
        Ok("www.new.signed.example TXT"),

        // RFC 4035, section 3.1.3.4, and RFC 5155, section 7.2.5: a wildcard stands in and has no such type.
        Wild("any.wild.signed.example TXT"),
        Wild("very.deep.wild.signed.example AAAA"),
        Wild("any.wild.signed.example DS"),
        Ok("*.wild.signed.example TXT"),
        Wild("any.odd.signed.example A"),
        Ok("*.odd.signed.example A"),
        Ok("x.*.odd.signed.example A", "A 192.0.2.6"),

        // RFC 6672, section 5.3: DNAME and what comes of it.
        Ok("old.signed.example DNAME", "DNAME new.signed.example."),
        Ok("old.signed.example A", "A 192.0.2.7"),
        Ok("www.old.signed.example A", "DNAME new.signed.example.", "CNAME www.new.signed.example.", "A 192.0.2.8"),
        Ok("www.old.signed.example AAAA", "DNAME new.signed.example.", "CNAME www.new.signed.example."),
        new("some.old.signed.example TXT", "NOERROR", Trust.SecureUnlessOptOut, "DNAME new.signed.example.", "CNAME some.new.signed.example.", "TXT \"any\""),
        new("some.old.signed.example A", "NOERROR", Trust.SecureUnlessOptOut, "DNAME new.signed.example.", "CNAME some.new.signed.example."),
        Ok("www.away.signed.example A", "DNAME secure.signed.example.", "CNAME www.secure.signed.example.", "A 192.0.2.101"),

        // Secure delegations, to another server and to this one.
        Ok("secure.signed.example DS", "DS *"),
        Ok("here.signed.example DS", "DS *"),
        Ok("secure.signed.example NS", "NS ns.secure.signed.example."),
        Ok("here.signed.example NS", "NS ns.here.signed.example."),
        Ok("www.secure.signed.example A", "A 192.0.2.101"),
        Ok("www.here.signed.example A", "A 192.0.2.101"),
        No("missing.secure.signed.example A"),
        No("missing.here.signed.example A"),
        Wild("any.wild.secure.signed.example A", "A 192.0.2.102"),
        Wild("any.wild.here.signed.example A", "A 192.0.2.102"),

        // RFC 4035, section 3.1.4.1, and RFC 5155, sections 7.2.4 and 7.2.7: insecure delegations, and no DS at them.
        Wild("insecure.signed.example DS"),
        Wild("plain.signed.example DS"),
        Wild("far.deep.signed.example DS"),
        Wild("deep.signed.example A"),
        new("www.insecure.signed.example A", "NOERROR", Trust.Insecure, "A 192.0.2.101"),
        new("www.plain.signed.example A", "NOERROR", Trust.Insecure, "A 192.0.2.101"),
        new("www.far.deep.signed.example A", "NOERROR", Trust.Insecure, "A 192.0.2.101"),
        new("missing.insecure.signed.example A", "NXDOMAIN", Trust.Insecure),
        new("missing.plain.signed.example A", "NXDOMAIN", Trust.Insecure),
        new("any.wild.far.deep.signed.example A", "NOERROR", Trust.Insecure, "A 192.0.2.102"),
    ];

    /// <summary>All of them, as a server that signs on the fly answers: what is not there is proven to be a name without records.</summary>
    public static IReadOnlyList<Question> Online { get; } =
        [.. All.Select(q => q.Trust == Trust.Insecure ? q : q with { Code = "NOERROR", Trust = Trust.Secure })];

    private static Question Ok(string text, params string[] answer) => new(text, "NOERROR", Trust.Secure, answer);

    // Opted out, the name next to the closest encloser may be there or not.
    private static Question Wild(string text, params string[] answer) => new(text, "NOERROR", Trust.SecureUnlessOptOut, answer);

    private static Question No(string text) => new(text, "NXDOMAIN", Trust.SecureUnlessOptOut);
}
