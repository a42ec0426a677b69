namespace MiniDns.Protocol.Messages;

/// <summary>The info-code of an extended DNS error (RFC 8914 §5.2, IANA "Extended DNS Error Codes"). Any other value can occur.</summary>
public enum EdnsErrorCode : ushort
{
    /// <summary>Other error.</summary>
    Other = 0,

    /// <summary>Unsupported DNSKEY algorithm.</summary>
    UnsupportedDnskeyAlgorithm = 1,

    /// <summary>Unsupported DS digest type.</summary>
    UnsupportedDsDigest = 2,

    /// <summary>Stale answer.</summary>
    StaleAnswer = 3,

    /// <summary>Forged answer.</summary>
    ForgedAnswer = 4,

    /// <summary>DNSSEC indeterminate.</summary>
    DnssecIndeterminate = 5,

    /// <summary>DNSSEC bogus.</summary>
    DnssecBogus = 6,

    /// <summary>Signature expired.</summary>
    SignatureExpired = 7,

    /// <summary>Signature not yet valid.</summary>
    SignatureNotYetValid = 8,

    /// <summary>DNSKEY missing.</summary>
    DnskeyMissing = 9,

    /// <summary>RRSIGs missing.</summary>
    RrsigsMissing = 10,

    /// <summary>No zone key bit set.</summary>
    NoZoneKeyBit = 11,

    /// <summary>NSEC missing.</summary>
    NsecMissing = 12,

    /// <summary>Cached error.</summary>
    CachedError = 13,

    /// <summary>Not ready.</summary>
    NotReady = 14,

    /// <summary>Blocked by the operator.</summary>
    Blocked = 15,

    /// <summary>Censored by demand of others.</summary>
    Censored = 16,

    /// <summary>Filtered at the client's request.</summary>
    Filtered = 17,

    /// <summary>Prohibited for this client.</summary>
    Prohibited = 18,

    /// <summary>Stale NXDOMAIN answer.</summary>
    StaleNxdomain = 19,

    /// <summary>Not authoritative.</summary>
    NotAuthoritative = 20,

    /// <summary>Not supported.</summary>
    NotSupported = 21,

    /// <summary>No reachable authority.</summary>
    NoReachableAuthority = 22,

    /// <summary>Network error.</summary>
    NetworkError = 23,

    /// <summary>Invalid data.</summary>
    InvalidData = 24,
}
