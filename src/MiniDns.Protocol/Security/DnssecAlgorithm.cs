namespace MiniDns.Protocol.Security;

/// <summary>The algorithms that RRsets can be signed with (IANA "DNS Security Algorithm Numbers").</summary>
public enum DnssecAlgorithm : byte
{
    /// <summary>RSA with SHA-256 (RFC 5702).</summary>
    RsaSha256 = 8,

    /// <summary>RSA with SHA-512 (RFC 5702).</summary>
    RsaSha512 = 10,

    /// <summary>ECDSA on curve P-256 with SHA-256 (RFC 6605).</summary>
    EcdsaP256Sha256 = 13,

    /// <summary>ECDSA on curve P-384 with SHA-384 (RFC 6605).</summary>
    EcdsaP384Sha384 = 14,
}
