namespace MiniDns.Protocol.Records;

/// <summary>The class of a record or question (RFC 1035 §3.2.4, RFC 2136). Any other value can occur.</summary>
public enum DnsRecordClass : ushort
{
    /// <summary>IN, the Internet.</summary>
    IN = 1,

    /// <summary>CS, CSNET, obsolete.</summary>
    CS = 2,

    /// <summary>CH, Chaosnet; in use for server identity (RFC 4892).</summary>
    CH = 3,

    /// <summary>HS, Hesiod.</summary>
    HS = 4,

    /// <summary>NONE (RFC 2136).</summary>
    NONE = 254,

    /// <summary>ANY, in questions only.</summary>
    ANY = 255,
}
