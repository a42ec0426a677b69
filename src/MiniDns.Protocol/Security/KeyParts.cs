using System.Security.Cryptography;

namespace MiniDns.Protocol.Security;

/// <summary>Puts what a DNSKEY record and a private key's text say into the form that .NET's cryptography takes.</summary>
internal static class KeyParts
{
    private const int LeastModulus = 128;       // 1,024 bits
    private const int MostModulus = 512;        // 4,096 bits (RFC 5702 §2)

    /// <summary>An RSA key (RFC 3110 §2).</summary>
    /// <param name="publicKey">The record's public key.</param>
    /// <param name="text">The private part.</param>
    /// <param name="field">The field of it that is wrong.</param>
    /// <param name="error">What is wrong.</param>
    /// <returns>What opens the key; null when something is wrong.</returns>
    public static Func<RSA>? Rsa(ReadOnlySpan<byte> publicKey, PrivateKeyText text, out string? field, out string? error)
    {
        field = null;
        error = null;
        int at = publicKey[0] != 0 ? 1 : 3;
        int exponent = publicKey[0] != 0 ? publicKey[0] : publicKey.Length < 3 ? 0 : (publicKey[1] << 8) | publicKey[2];
        int modulus = publicKey.Length - at - exponent;
        if (exponent == 0 || modulus < LeastModulus || modulus > MostModulus || publicKey[at + exponent] == 0)
        {
            error = "the public key is no RSA key of 1024 to 4096 bits";
            return null;
        }

        int half = (modulus + 1) / 2;
        byte[] Number(string name, int length, ref string? wrong)
        {
            byte[]? octets = text.Octets(name);
            if (octets is null || octets.AsSpan().TrimStart((byte)0).Length > length)
            {
                wrong ??= name;
                return [];
            }

            byte[] number = new byte[length];
            ReadOnlySpan<byte> digits = octets.AsSpan().TrimStart((byte)0);
            digits.CopyTo(number.AsSpan(length - digits.Length));
            return number;
        }

        var parameters = new RSAParameters
        {
            Exponent = publicKey.Slice(at, exponent).ToArray(),
            Modulus = publicKey[(at + exponent)..].ToArray(),
            D = Number("PrivateExponent", modulus, ref field),
            P = Number("Prime1", half, ref field),
            Q = Number("Prime2", half, ref field),
            DP = Number("Exponent1", half, ref field),
            DQ = Number("Exponent2", half, ref field),
            InverseQ = Number("Coefficient", half, ref field),
        };
        if (field is not null)
        {
            error = $"'{field}' is missing, or is not a number in base64 that fits the public key";
            return null;
        }

        return () => RSA.Create(parameters);
    }

    /// <summary>An ECDSA key (RFC 6605 §4 and §6).</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="publicKey">The record's public key.</param>
    /// <param name="text">The private part.</param>
    /// <param name="field">The field of it that is wrong.</param>
    /// <param name="error">What is wrong.</param>
    /// <returns>What opens the key; null when something is wrong.</returns>
    public static Func<ECDsa>? Elliptic(DnssecAlgorithm algorithm, ReadOnlySpan<byte> publicKey, PrivateKeyText text, out string? field, out string? error)
    {
        field = null;
        error = null;
        int length = algorithm.CoordinateLength();
        if (publicKey.Length != 2 * length)
        {
            error = $"a public key of algorithm {(int)algorithm} has {2 * length} octets, not {publicKey.Length}";
            return null;
        }

        byte[]? octets = text.Octets("PrivateKey");
        ReadOnlySpan<byte> digits = octets.AsSpan().TrimStart((byte)0);
        if (digits.IsEmpty || digits.Length > length)
        {
            field = "PrivateKey";
            error = $"'PrivateKey' is missing, or is not a number of {length} octets in base64";
            return null;
        }

        byte[] number = new byte[length];
        digits.CopyTo(number.AsSpan(length - digits.Length));
        var parameters = new ECParameters
        {
            Curve = algorithm.Curve(),
            D = number,
            Q = new ECPoint { X = publicKey[..length].ToArray(), Y = publicKey[length..].ToArray() },
        };
        return () => ECDsa.Create(parameters);
    }
}
