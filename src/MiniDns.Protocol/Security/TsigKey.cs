using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Security;

/// <summary>A secret that two servers share, under the name that both know it by (RFC 8945 §4.2).</summary>
/// <remarks>For use by many threads. The secret is never shown.</remarks>
public sealed class TsigKey
{
    /// <summary>The longest secret, in octets.</summary>
    public const int MaxSecretLength = 1024;

    private static readonly int Spares = Math.Clamp(Environment.ProcessorCount, 2, 16);

    private readonly byte[] _secret;
    private readonly TsigMac?[] _idle = new TsigMac?[TsigAlgorithm.Count * Spares];
    private readonly int _macLength;

    /// <summary>Makes a key.</summary>
    /// <param name="name">The name.</param>
    /// <param name="secret">The secret, 1 to <see cref="MaxSecretLength"/> octets.</param>
    /// <param name="algorithm">The only algorithm that it is for; null for any, and <see cref="TsigAlgorithm.HmacSha256"/> for our own requests.</param>
    /// <param name="macLength">The length that MACs are sent with and at least have to have, in octets; 0 for whole ones.</param>
    /// <exception cref="ArgumentException">The secret or the length is out of bounds.</exception>
    public TsigKey(DnsName name, ReadOnlySpan<byte> secret, TsigAlgorithm? algorithm = null, int macLength = 0)
    {
        if (secret.IsEmpty || secret.Length > MaxSecretLength)
        {
            throw new ArgumentException($"a secret has 1 to {MaxSecretLength} octets", nameof(secret));
        }

        if (macLength != 0 && (algorithm is null || macLength < algorithm.LeastMacLength || macLength > algorithm.MacLength))
        {
            throw new ArgumentException("a MAC can be cut to half, for a key with one algorithm", nameof(macLength));
        }

        Name = name.ToLower();
        Algorithm = algorithm;
        _secret = secret.ToArray();
        _macLength = macLength;
    }

    /// <summary>The name, in lower case.</summary>
    public DnsName Name { get; }

    /// <summary>The only algorithm that the key is for; null for any.</summary>
    public TsigAlgorithm? Algorithm { get; }

    /// <summary>Makes a key out of a configuration's words.</summary>
    /// <param name="name">The name.</param>
    /// <param name="secret">The secret in base64.</param>
    /// <param name="algorithm">The algorithm, as <see cref="TsigAlgorithm.TryParse"/> takes it; null for any.</param>
    /// <param name="key">The key.</param>
    /// <param name="error">What is wrong; the secret is not in it.</param>
    public static bool TryCreate(DnsName name, string secret, string? algorithm, [NotNullWhen(true)] out TsigKey? key, [NotNullWhen(false)] out string? error)
    {
        key = null;
        TsigAlgorithm? known = null;
        int macLength = 0;
        if (algorithm is not null && !TsigAlgorithm.TryParse(algorithm, out known, out macLength, out error))
        {
            return false;
        }

        byte[] octets = new byte[((secret.Length / 4) + 1) * 3];
        if (!Convert.TryFromBase64String(secret, octets, out int length) || length == 0)
        {
            error = $"the secret of '{name}' is not base64; 'tsig-keygen {name}' makes one";
            return false;
        }

        if (length > MaxSecretLength)
        {
            error = $"the secret of '{name}' has {length} octets; at most {MaxSecretLength} are taken";
            return false;
        }

        key = new TsigKey(name, octets.AsSpan(0, length), known, macLength);
        error = null;
        return true;
    }

    /// <summary>The key's name.</summary>
    public override string ToString() => Name.ToString();

    /// <summary>True when both keys have the same name, secret and algorithm.</summary>
    public bool IsSameAs(TsigKey other) =>
        Name == other.Name && Algorithm == other.Algorithm && _macLength == other._macLength && _secret.AsSpan().SequenceEqual(other._secret);

    /// <summary>The length of the MACs that are sent with an algorithm, in octets, and the least that is taken.</summary>
    internal int MacLengthWith(TsigAlgorithm algorithm) => _macLength == 0 ? algorithm.MacLength : Math.Min(_macLength, algorithm.MacLength);

    /// <summary>True when messages may be signed with this key and an algorithm.</summary>
    internal bool IsFor(TsigAlgorithm algorithm) =>
        Algorithm is null || Algorithm == algorithm || (Algorithm == algorithm.Whole && algorithm.MacLength >= MacLengthWith(Algorithm));

    /// <summary>Takes what computes MACs; give it back with <see cref="Return"/>.</summary>
    internal TsigMac Rent(TsigAlgorithm algorithm)
    {
        int first = algorithm.Index * Spares;
        for (int i = first; i < first + Spares; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } mac)
            {
                return mac;
            }
        }

        return algorithm.CreateMac(_secret);
    }

    /// <summary>Gives back what <see cref="Rent"/> gave; it has to be finished.</summary>
    internal void Return(TsigAlgorithm algorithm, TsigMac mac)
    {
        int first = algorithm.Index * Spares;
        for (int i = first; i < first + Spares; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], mac, null) is null)
            {
                return;
            }
        }
    }
}
