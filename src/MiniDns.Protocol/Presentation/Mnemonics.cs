namespace MiniDns.Protocol.Presentation;

/// <summary>The mnemonics that stand inside rdata.</summary>
internal static class Mnemonics
{
    /// <summary>DNSSEC algorithms (IANA "DNS Security Algorithm Numbers"), the spellings of BIND included.</summary>
    internal static readonly MnemonicTable Algorithms = new(
        "",
        (1, "RSAMD5"),
        (2, "DH"),
        (3, "DSA"),
        (4, "ECC"),
        (5, "RSASHA1"),
        (6, "NSEC3DSA"),
        (7, "NSEC3RSASHA1"),
        (8, "RSASHA256"),
        (10, "RSASHA512"),
        (12, "ECCGOST"),
        (13, "ECDSAP256SHA256"),
        (14, "ECDSAP384SHA384"),
        (15, "ED25519"),
        (16, "ED448"),
        (17, "SM2SM3"),
        (23, "ECC-GOST12"),
        (252, "INDIRECT"),
        (253, "PRIVATEDNS"),
        (254, "PRIVATEOID"),
        (6, "DSA-NSEC3-SHA1"),
        (7, "RSASHA1-NSEC3-SHA1"),
        (12, "ECC-GOST"));

    /// <summary>Certificate types (RFC 4398 §2.1).</summary>
    internal static readonly MnemonicTable Certificates = new(
        "",
        (1, "PKIX"),
        (2, "SPKI"),
        (3, "PGP"),
        (4, "IPKIX"),
        (5, "ISPKI"),
        (6, "IPGP"),
        (7, "ACPKIX"),
        (8, "IACPKIX"),
        (253, "URI"),
        (254, "OID"));

    /// <summary>DSYNC schemes (RFC 9859 §2.2).</summary>
    internal static readonly MnemonicTable DsyncSchemes = new("", (1, "NOTIFY"));

    /// <summary>Errors of TSIG and TKEY, where 16 is BADSIG (RFC 8945 §3).</summary>
    internal static readonly MnemonicTable TransactionErrors = new(
        "",
        (0, "NOERROR"),
        (1, "FORMERR"),
        (2, "SERVFAIL"),
        (3, "NXDOMAIN"),
        (4, "NOTIMP"),
        (5, "REFUSED"),
        (9, "NOTAUTH"),
        (16, "BADSIG"),
        (17, "BADKEY"),
        (18, "BADTIME"),
        (19, "BADMODE"),
        (20, "BADNAME"),
        (21, "BADALG"),
        (22, "BADTRUNC"));

    /// <summary>SVCB parameter keys (RFC 9460 §14.3.2).</summary>
    internal static readonly MnemonicTable SvcParamKeys = new(
        "key",
        (0, "mandatory"),
        (1, "alpn"),
        (2, "no-default-alpn"),
        (3, "port"),
        (4, "ipv4hint"),
        (5, "ech"),
        (6, "ipv6hint"),
        (7, "dohpath"),
        (8, "ohttp"),
        (9, "tls-supported-groups"));
}
