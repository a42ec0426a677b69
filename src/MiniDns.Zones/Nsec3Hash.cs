using System.Security.Cryptography;
using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>The hash of names in NSEC3 (RFC 5155 §5), and its text form.</summary>
public static class Nsec3Hash
{
    /// <summary>The octets of a hash; there is only SHA-1.</summary>
    public const int Size = 20;

    /// <summary>Hashes a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">How often the hash is hashed again.</param>
    /// <param name="hash">Takes 20 octets.</param>
    public static void Compute(DnsNameView name, ReadOnlySpan<byte> salt, int iterations, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[512];
        name.CopyLowerTo(input);
        salt.CopyTo(input[name.Length..]);
        Hash(input[..(name.Length + salt.Length)], hash);
        for (int i = 0; i < iterations; i++)
        {
            hash[..Size].CopyTo(input);
            salt.CopyTo(input[Size..]);
            Hash(input[..(Size + salt.Length)], hash);
        }
    }

    /// <summary>Reads a hash from base32 with the extended hex alphabet (RFC 4648 §7), 32 characters.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, Span<byte> hash)
    {
        if (text.Length != 32)
        {
            return false;
        }

        ulong bits = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int digit = text[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => text[i] - '0',
                >= (byte)'a' and <= (byte)'v' => text[i] - 'a' + 10,
                >= (byte)'A' and <= (byte)'V' => text[i] - 'A' + 10,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (uint)digit;
            if (i % 8 == 7)
            {
                for (int k = 0; k < 5; k++)
                {
                    hash[(i / 8 * 5) + k] = (byte)(bits >> (32 - (k * 8)));
                }

                bits = 0;
            }
        }

        return true;
    }

#pragma warning disable CA5350 // NSEC3 knows no other hash (RFC 5155 §11); it hides names, it protects nothing
    private static void Hash(ReadOnlySpan<byte> input, Span<byte> hash) => SHA1.HashData(input, hash);
#pragma warning restore CA5350
}
