namespace MiniDns.Protocol.Records;

/// <summary>The type of a record or question (IANA "Resource Record (RR) TYPEs"). Any other value can occur (RFC 3597).</summary>
public enum DnsRecordType : ushort
{
    /// <summary>A: an IPv4 address (RFC 1035).</summary>
    A = 1,

    /// <summary>NS: a name server (RFC 1035).</summary>
    NS = 2,

    /// <summary>MD: a mail destination, obsolete (RFC 1035).</summary>
    MD = 3,

    /// <summary>MF: a mail forwarder, obsolete (RFC 1035).</summary>
    MF = 4,

    /// <summary>CNAME: the canonical name (RFC 1035).</summary>
    CNAME = 5,

    /// <summary>SOA: the start of authority (RFC 1035).</summary>
    SOA = 6,

    /// <summary>MB: a mailbox (RFC 1035).</summary>
    MB = 7,

    /// <summary>MG: a mail group member (RFC 1035).</summary>
    MG = 8,

    /// <summary>MR: a mail rename (RFC 1035).</summary>
    MR = 9,

    /// <summary>NULL: anything (RFC 1035).</summary>
    NULL = 10,

    /// <summary>WKS: well-known services (RFC 1035).</summary>
    WKS = 11,

    /// <summary>PTR: a pointer (RFC 1035).</summary>
    PTR = 12,

    /// <summary>HINFO: host information (RFC 1035).</summary>
    HINFO = 13,

    /// <summary>MINFO: mailbox information (RFC 1035).</summary>
    MINFO = 14,

    /// <summary>MX: a mail exchange (RFC 1035).</summary>
    MX = 15,

    /// <summary>TXT: text (RFC 1035).</summary>
    TXT = 16,

    /// <summary>RP: a responsible person (RFC 1183).</summary>
    RP = 17,

    /// <summary>AFSDB: an AFS data base (RFC 1183).</summary>
    AFSDB = 18,

    /// <summary>X25: an X.25 address (RFC 1183).</summary>
    X25 = 19,

    /// <summary>ISDN: an ISDN address (RFC 1183).</summary>
    ISDN = 20,

    /// <summary>RT: a route-through (RFC 1183).</summary>
    RT = 21,

    /// <summary>NSAP: an NSAP address (RFC 1706).</summary>
    NSAP = 22,

    /// <summary>NSAPPTR: an NSAP pointer (RFC 1706).</summary>
    NSAPPTR = 23,

    /// <summary>SIG: a signature (RFC 2535, RFC 2931).</summary>
    SIG = 24,

    /// <summary>KEY: a key (RFC 2535, RFC 2930).</summary>
    KEY = 25,

    /// <summary>PX: X.400 mapping (RFC 2163).</summary>
    PX = 26,

    /// <summary>GPOS: a geographical position (RFC 1712).</summary>
    GPOS = 27,

    /// <summary>AAAA: an IPv6 address (RFC 3596).</summary>
    AAAA = 28,

    /// <summary>LOC: a location (RFC 1876).</summary>
    LOC = 29,

    /// <summary>NXT: the next name, obsolete (RFC 2535).</summary>
    NXT = 30,

    /// <summary>EID: an endpoint identifier.</summary>
    EID = 31,

    /// <summary>NIMLOC: a Nimrod locator.</summary>
    NIMLOC = 32,

    /// <summary>SRV: a service (RFC 2782).</summary>
    SRV = 33,

    /// <summary>ATMA: an ATM address.</summary>
    ATMA = 34,

    /// <summary>NAPTR: a naming authority pointer (RFC 3403).</summary>
    NAPTR = 35,

    /// <summary>KX: a key exchanger (RFC 2230).</summary>
    KX = 36,

    /// <summary>CERT: a certificate (RFC 4398).</summary>
    CERT = 37,

    /// <summary>A6: an IPv6 address, obsolete (RFC 2874).</summary>
    A6 = 38,

    /// <summary>DNAME: a delegation name (RFC 6672).</summary>
    DNAME = 39,

    /// <summary>SINK: a kitchen sink.</summary>
    SINK = 40,

    /// <summary>OPT: EDNS (RFC 6891).</summary>
    OPT = 41,

    /// <summary>APL: address prefixes (RFC 3123).</summary>
    APL = 42,

    /// <summary>DS: a delegation signer (RFC 4034).</summary>
    DS = 43,

    /// <summary>SSHFP: an SSH key fingerprint (RFC 4255).</summary>
    SSHFP = 44,

    /// <summary>IPSECKEY: an IPsec key (RFC 4025).</summary>
    IPSECKEY = 45,

    /// <summary>RRSIG: a signature over an RRset (RFC 4034).</summary>
    RRSIG = 46,

    /// <summary>NSEC: the next secure name (RFC 4034).</summary>
    NSEC = 47,

    /// <summary>DNSKEY: a zone key (RFC 4034).</summary>
    DNSKEY = 48,

    /// <summary>DHCID: a DHCP identifier (RFC 4701).</summary>
    DHCID = 49,

    /// <summary>NSEC3: the next hashed name (RFC 5155).</summary>
    NSEC3 = 50,

    /// <summary>NSEC3PARAM: NSEC3 parameters (RFC 5155).</summary>
    NSEC3PARAM = 51,

    /// <summary>TLSA: a TLS association (RFC 6698).</summary>
    TLSA = 52,

    /// <summary>SMIMEA: an S/MIME association (RFC 8162).</summary>
    SMIMEA = 53,

    /// <summary>HIP: a host identity (RFC 8005).</summary>
    HIP = 55,

    /// <summary>NINFO: zone status.</summary>
    NINFO = 56,

    /// <summary>RKEY: a record key.</summary>
    RKEY = 57,

    /// <summary>TALINK: a trust anchor link.</summary>
    TALINK = 58,

    /// <summary>CDS: a child's DS (RFC 7344).</summary>
    CDS = 59,

    /// <summary>CDNSKEY: a child's DNSKEY (RFC 7344).</summary>
    CDNSKEY = 60,

    /// <summary>OPENPGPKEY: an OpenPGP key (RFC 7929).</summary>
    OPENPGPKEY = 61,

    /// <summary>CSYNC: child-to-parent synchronisation (RFC 7477).</summary>
    CSYNC = 62,

    /// <summary>ZONEMD: a zone digest (RFC 8976).</summary>
    ZONEMD = 63,

    /// <summary>SVCB: a service binding (RFC 9460).</summary>
    SVCB = 64,

    /// <summary>HTTPS: a service binding for HTTPS (RFC 9460).</summary>
    HTTPS = 65,

    /// <summary>DSYNC: where to send generalized notifications (RFC 9859).</summary>
    DSYNC = 66,

    /// <summary>HHIT: a hierarchical host identity (RFC 9886).</summary>
    HHIT = 67,

    /// <summary>BRID: broadcast remote identification (RFC 9886).</summary>
    BRID = 68,

    /// <summary>SPF: a sender policy, obsolete (RFC 7208).</summary>
    SPF = 99,

    /// <summary>UINFO: user information, reserved.</summary>
    UINFO = 100,

    /// <summary>UID: a user number, reserved.</summary>
    UID = 101,

    /// <summary>GID: a group number, reserved.</summary>
    GID = 102,

    /// <summary>UNSPEC: anything, reserved.</summary>
    UNSPEC = 103,

    /// <summary>NID: an ILNP node identifier (RFC 6742).</summary>
    NID = 104,

    /// <summary>L32: an ILNP locator (RFC 6742).</summary>
    L32 = 105,

    /// <summary>L64: an ILNP locator (RFC 6742).</summary>
    L64 = 106,

    /// <summary>LP: an ILNP locator pointer (RFC 6742).</summary>
    LP = 107,

    /// <summary>EUI48: an EUI-48 address (RFC 7043).</summary>
    EUI48 = 108,

    /// <summary>EUI64: an EUI-64 address (RFC 7043).</summary>
    EUI64 = 109,

    /// <summary>NXNAME: a name that does not exist, in NSEC bitmaps only (RFC 9824).</summary>
    NXNAME = 128,

    /// <summary>TKEY: a transaction key (RFC 2930).</summary>
    TKEY = 249,

    /// <summary>TSIG: a transaction signature (RFC 8945).</summary>
    TSIG = 250,

    /// <summary>IXFR: an incremental transfer, in questions only (RFC 1995).</summary>
    IXFR = 251,

    /// <summary>AXFR: a zone transfer, in questions only (RFC 5936).</summary>
    AXFR = 252,

    /// <summary>MAILB: mailbox records, in questions only (RFC 1035).</summary>
    MAILB = 253,

    /// <summary>MAILA: mail agent records, in questions only (RFC 1035).</summary>
    MAILA = 254,

    /// <summary>ANY: every type, in questions only (RFC 8482).</summary>
    ANY = 255,

    /// <summary>URI: a URI (RFC 7553).</summary>
    URI = 256,

    /// <summary>CAA: who may issue certificates (RFC 8659).</summary>
    CAA = 257,

    /// <summary>AVC: application visibility.</summary>
    AVC = 258,

    /// <summary>DOA: a digital object.</summary>
    DOA = 259,

    /// <summary>AMTRELAY: a multicast relay (RFC 8777).</summary>
    AMTRELAY = 260,

    /// <summary>RESINFO: what a resolver can do (RFC 9606).</summary>
    RESINFO = 261,

    /// <summary>WALLET: a wallet address.</summary>
    WALLET = 262,

    /// <summary>TA: a trust anchor.</summary>
    TA = 32768,

    /// <summary>DLV: look-aside validation, obsolete (RFC 4431).</summary>
    DLV = 32769,
}
