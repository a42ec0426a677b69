using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MiniDns.Protocol.Security;

/// <summary>What follows from an algorithm's number.</summary>
public static class DnssecAlgorithmTraits
{
    /// <summary>True when RRsets can be signed with the algorithm of a number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="error">Why they cannot, and what would be right.</param>
    public static bool IsSupported(byte number, [NotNullWhen(false)] out string? error)
    {
        const string Advice = "make a key with 'dnssec-keygen -a ECDSAP256SHA256 ZONE'";
        error = number switch
        {
            8 or 10 or 13 or 14 => null,
            15 or 16 => $"algorithm {number} ({(number == 15 ? "ED25519" : "ED448")}) is not there in .NET's cryptography; {Advice}",
            1 or 5 or 7 => $"algorithm {number} (RSA with {(number == 1 ? "MD5" : "SHA-1")}) is not to be signed with any more (RFC 9905); {Advice}",
            _ => $"algorithm {number} is not known; 8, 10, 13 and 14 are; {Advice}",
        };
        return error is null;
    }

    /// <summary>The hash that is signed.</summary>
    internal static HashAlgorithmName Hash(this DnssecAlgorithm algorithm) => algorithm switch
    {
        DnssecAlgorithm.RsaSha512 => HashAlgorithmName.SHA512,
        DnssecAlgorithm.EcdsaP384Sha384 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA256,
    };

    /// <summary>True for ECDSA.</summary>
    internal static bool IsElliptic(this DnssecAlgorithm algorithm) => algorithm is DnssecAlgorithm.EcdsaP256Sha256 or DnssecAlgorithm.EcdsaP384Sha384;

    /// <summary>The octets of a coordinate of ECDSA's curve.</summary>
    internal static int CoordinateLength(this DnssecAlgorithm algorithm) => algorithm == DnssecAlgorithm.EcdsaP256Sha256 ? 32 : 48;

    /// <summary>ECDSA's curve.</summary>
    internal static ECCurve Curve(this DnssecAlgorithm algorithm) =>
        algorithm == DnssecAlgorithm.EcdsaP256Sha256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384;
}
