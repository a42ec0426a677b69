namespace MiniDns.Protocol.Messages;

/// <summary>The outcome a response tells (RFC 1035 §4.1.1, RFC 6891 §6.1.3, IANA "DNS RCODEs"). Values above 15 need EDNS.</summary>
public enum DnsResponseCode : ushort
{
    /// <summary>NOERROR: no error.</summary>
    NoError = 0,

    /// <summary>FORMERR: the server could not read the query.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL: the server failed.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    NameError = 3,

    /// <summary>NOTIMP: the server does not do this.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: the server will not do this.</summary>
    Refused = 5,

    /// <summary>YXDOMAIN (RFC 2136; also an overlong DNAME substitution, RFC 6672).</summary>
    NameExists = 6,

    /// <summary>YXRRSET (RFC 2136).</summary>
    RRsetExists = 7,

    /// <summary>NXRRSET (RFC 2136).</summary>
    RRsetMissing = 8,

    /// <summary>NOTAUTH: not authoritative (RFC 2136) or not authorised (RFC 8945).</summary>
    NotAuthoritative = 9,

    /// <summary>NOTZONE (RFC 2136).</summary>
    NotZone = 10,

    /// <summary>BADVERS: EDNS version not supported (RFC 6891); BADSIG in a TSIG record (RFC 8945).</summary>
    BadVersion = 16,

    /// <summary>BADKEY (RFC 8945).</summary>
    BadKey = 17,

    /// <summary>BADTIME (RFC 8945).</summary>
    BadTime = 18,

    /// <summary>BADTRUNC (RFC 8945).</summary>
    BadTruncation = 22,

    /// <summary>BADCOOKIE (RFC 7873).</summary>
    BadCookie = 23,
}
