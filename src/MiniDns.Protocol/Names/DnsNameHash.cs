using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDns.Protocol.Names;

/// <summary>The case-insensitive hash of a name in wire format, and the ASCII case fold it rests on.</summary>
/// <remarks>
/// Names compare without regard to ASCII case (RFC 4343). Length octets are at most 63 and so below 'A': the whole wire
/// form can be folded eight octets at a time without looking at label boundaries. The seed is random per process, so that
/// nobody outside can choose names that collide.
/// </remarks>
public static class DnsNameHash
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private static readonly ulong Seed = NewSeed();

    /// <summary>Hashes an uncompressed name, ignoring ASCII case.</summary>
    /// <param name="wire">The name's wire octets, the root label included.</param>
    [SkipLocalsInit]
    public static ulong Compute(ReadOnlySpan<byte> wire)
    {
        ulong hash = Seed ^ ((ulong)wire.Length * Multiplier);
        while (wire.Length >= 8)
        {
            hash = Mix(hash ^ Fold(MemoryMarshal.Read<ulong>(wire)));
            wire = wire[8..];
        }

        ulong tail = 0;
        for (int i = wire.Length - 1; i >= 0; i--)
        {
            tail = (tail << 8) | wire[i];
        }

        return Mix(hash ^ Fold(tail));
    }

    /// <summary>Lower-cases the ASCII letters among eight octets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Fold(ulong octets)
    {
        ulong low = octets & 0x7F7F7F7F7F7F7F7F;
        ulong atLeastA = low + (0x8080808080808080 - 0x4141414141414141);
        ulong aboveZ = low + (0x7F7F7F7F7F7F7F7F - 0x5A5A5A5A5A5A5A5A);
        ulong isUpper = ~octets & 0x8080808080808080 & (atLeastA ^ aboveZ);
        return octets | (isUpper >> 2);
    }

    /// <summary>64 unpredictable bits.</summary>
    /// <remarks>A random GUID has 122 of the system's generator. <see cref="System.Security.Cryptography"/>, which would be the obvious
    /// choice, loads OpenSSL: some MB and ms for a server that may never need it again.</remarks>
    private static ulong NewSeed()
    {
        Span<ulong> halves = stackalloc ulong[2];
        var random = Guid.NewGuid();
        MemoryMarshal.Write(MemoryMarshal.AsBytes(halves), in random);

        // The few bits that are the same in all of them meet random ones.
        return halves[0] ^ BitOperations.RotateLeft(halves[1], 17);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, Multiplier, out ulong low);
        return high ^ low;
    }
}
