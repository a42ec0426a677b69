using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDns.Queries;

/// <summary>SipHash-2-4 with 64 bits of output: a keyed hash of short messages that nobody can forge without the key.</summary>
internal static class SipHash
{
    /// <summary>Hashes a message.</summary>
    /// <param name="k0">The key's first eight octets, little-endian.</param>
    /// <param name="k1">The key's last eight octets, little-endian.</param>
    /// <param name="message">The message.</param>
    public static ulong Compute(ulong k0, ulong k1, ReadOnlySpan<byte> message)
    {
        ulong v0 = k0 ^ 0x736F6D6570736575;
        ulong v1 = k1 ^ 0x646F72616E646F6D;
        ulong v2 = k0 ^ 0x6C7967656E657261;
        ulong v3 = k1 ^ 0x7465646279746573;
        ulong last = (ulong)message.Length << 56;
        while (message.Length >= 8)
        {
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(message), ref v0, ref v1, ref v2, ref v3);
            message = message[8..];
        }

        for (int i = 0; i < message.Length; i++)
        {
            last |= (ulong)message[i] << (8 * i);
        }

        Absorb(last, ref v0, ref v1, ref v2, ref v3);
        v2 ^= 0xFF;
        for (int i = 0; i < 4; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Absorb(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
