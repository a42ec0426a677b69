using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Security;

/// <summary>An algorithm of transaction signatures (RFC 8945 §6): HMAC with one of the SHA hashes.</summary>
public sealed class TsigAlgorithm
{
    /// <summary>hmac-sha1: to be understood, not to be chosen (RFC 8945 §6).</summary>
    public static readonly TsigAlgorithm HmacSha1 = new(0, "hmac-sha1", 20, HashAlgorithmName.SHA1);

    /// <summary>hmac-sha224.</summary>
    public static readonly TsigAlgorithm HmacSha224 = new(1, "hmac-sha224", 28, null);

    /// <summary>hmac-sha256: what to choose.</summary>
    public static readonly TsigAlgorithm HmacSha256 = new(2, "hmac-sha256", 32, HashAlgorithmName.SHA256);

    /// <summary>hmac-sha384.</summary>
    public static readonly TsigAlgorithm HmacSha384 = new(3, "hmac-sha384", 48, HashAlgorithmName.SHA384);

    /// <summary>hmac-sha512.</summary>
    public static readonly TsigAlgorithm HmacSha512 = new(4, "hmac-sha512", 64, HashAlgorithmName.SHA512);

    /// <summary>The longest MAC, in octets.</summary>
    public const int MaxMacLength = 64;

    private static readonly TsigAlgorithm[] Known = [HmacSha1, HmacSha224, HmacSha256, HmacSha384, HmacSha512];

    /// <summary>Those whose name in records says that the MAC is cut (RFC 8945 §6).</summary>
    private static readonly TsigAlgorithm[] Cut = [new(HmacSha256, 16), new(HmacSha384, 24), new(HmacSha512, 32)];

    private readonly HashAlgorithmName? _hash;

    private TsigAlgorithm(int index, string name, int macLength, HashAlgorithmName? hash)
    {
        Index = index;
        Name = DnsName.Parse(name);
        MacLength = macLength;
        HashLength = macLength;
        Whole = this;
        _hash = hash;
    }

    private TsigAlgorithm(TsigAlgorithm whole, int macLength)
    {
        Index = whole.Index;
        Name = DnsName.Parse(string.Create(CultureInfo.InvariantCulture, $"{whole}-{macLength * 8}"));
        MacLength = macLength;
        HashLength = whole.HashLength;
        Whole = whole;
        _hash = whole._hash;
    }

    /// <summary>The algorithms with whole MACs.</summary>
    public static IReadOnlyList<TsigAlgorithm> All => Known;

    /// <summary>The name that stands in records, in lower case.</summary>
    public DnsName Name { get; }

    /// <summary>The length of a whole MAC, in octets.</summary>
    public int MacLength { get; }

    /// <summary>The shortest MAC that may be sent, in octets: half of it, at least ten (RFC 8945 §5.2.2.1).</summary>
    public int LeastMacLength => Math.Max(10, MacLength / 2);

    /// <summary>The number of algorithms.</summary>
    internal static int Count => Known.Length;

    /// <summary>Its place among all; that of <see cref="Whole"/>.</summary>
    internal int Index { get; }

    /// <summary>The octets that the hash gives, of which <see cref="MacLength"/> are the MAC.</summary>
    internal int HashLength { get; }

    /// <summary>The algorithm with the same hash and a whole MAC.</summary>
    internal TsigAlgorithm Whole { get; }

    /// <summary>Finds an algorithm by the name in a record.</summary>
    public static bool TryFind(DnsNameView name, [NotNullWhen(true)] out TsigAlgorithm? algorithm)
    {
        algorithm = Find(Known, name) ?? Find(Cut, name);
        return algorithm is not null;
    }

    /// <summary>Reads an algorithm as configurations write it: <c>hmac-sha256</c>, or <c>hmac-sha256-128</c> for MACs cut to so many bits.</summary>
    /// <param name="text">The text; a final dot and upper case are taken.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="macLength">The length that MACs are sent with, in octets.</param>
    /// <param name="error">What is wrong and what would be right.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TsigAlgorithm? algorithm, out int macLength, [NotNullWhen(false)] out string? error)
    {
        algorithm = null;
        macLength = 0;
        string word = text.TrimEnd('.').ToLowerInvariant();
        if (word is "hmac-md5" or "hmac-md5.sig-alg.reg.int")
        {
            error = "hmac-md5 is not taken, for MD5 is broken (RFC 8945 §6, RFC 6151); make a new key for hmac-sha256";
            return false;
        }

        foreach (TsigAlgorithm known in Known)
        {
            string name = known.Name.ToString().TrimEnd('.');
            if (word == name)
            {
                (algorithm, macLength, error) = (known, known.MacLength, null);
                return true;
            }

            if (word.StartsWith(name + "-", StringComparison.Ordinal))
            {
                if (int.TryParse(word.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
                    && bits % 8 == 0 && bits / 8 >= known.LeastMacLength && bits / 8 <= known.MacLength)
                {
                    (algorithm, macLength, error) = (known, bits / 8, null);
                    return true;
                }

                error = $"'{text}': MACs of {name} can be cut to a multiple of 8 from {known.LeastMacLength * 8} to {known.MacLength * 8} bits (RFC 8945 §5.2.2.1)";
                return false;
            }
        }

        error = $"'{text}' is not one of {string.Join(", ", Known.Select(k => k.ToString()))}";
        return false;
    }

    /// <summary>The name without its final dot.</summary>
    public override string ToString() => Name.ToString().TrimEnd('.');

    /// <summary>Makes what computes MACs with a secret.</summary>
    internal TsigMac CreateMac(ReadOnlySpan<byte> secret) =>
        _hash is { } hash ? new PlatformTsigMac(hash, secret) : new HmacSha224Mac(secret);

    private static TsigAlgorithm? Find(TsigAlgorithm[] algorithms, DnsNameView name)
    {
        foreach (TsigAlgorithm algorithm in algorithms)
        {
            if (algorithm.Name.View.Equals(name))
            {
                return algorithm;
            }
        }

        return null;
    }
}
