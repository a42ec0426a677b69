using System.Buffers.Binary;
using System.Numerics;

namespace MiniDns.Protocol.Security;

/// <summary>The hash SHA-224 (FIPS 180-4 §6.3), which the platform does not have: SHA-256 from another start, cut by a word.</summary>
internal sealed class Sha224
{
    /// <summary>The octets of a hash.</summary>
    public const int HashLength = 28;

    /// <summary>The octets of a block.</summary>
    public const int BlockLength = 64;

    private static readonly uint[] Start = [0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31, 0x68581511, 0x64F98FA7, 0xBEFA4FA4];

    private static readonly uint[] Constants =
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];

    private readonly uint[] _state = new uint[8];
    private readonly byte[] _block = new byte[BlockLength];
    private ulong _length;

    /// <summary>Starts a hash.</summary>
    public Sha224() => Reset();

    /// <summary>Forgets what was appended.</summary>
    public void Reset()
    {
        Start.CopyTo(_state, 0);
        _length = 0;
    }

    /// <summary>Takes octets.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        int held = (int)(_length % BlockLength);
        _length += (ulong)octets.Length;
        if (held > 0)
        {
            int taken = Math.Min(BlockLength - held, octets.Length);
            octets[..taken].CopyTo(_block.AsSpan(held));
            octets = octets[taken..];
            if (held + taken < BlockLength)
            {
                return;
            }

            Compress(_block);
        }

        while (octets.Length >= BlockLength)
        {
            Compress(octets[..BlockLength]);
            octets = octets[BlockLength..];
        }

        octets.CopyTo(_block);
    }

    /// <summary>Gives the hash of what was appended, and starts anew.</summary>
    /// <param name="destination">At least <see cref="HashLength"/> octets.</param>
    public void Finish(Span<byte> destination)
    {
        ulong bits = _length * 8;
        Span<byte> padding = stackalloc byte[BlockLength + 8];
        padding.Clear();
        padding[0] = 0x80;
        int zeros = (int)((BlockLength + 56 - 1 - (_length % BlockLength)) % BlockLength);
        BinaryPrimitives.WriteUInt64BigEndian(padding[(1 + zeros)..], bits);
        Append(padding[..(1 + zeros + 8)]);
        for (int i = 0; i < HashLength / 4; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[(4 * i)..], _state[i]);
        }

        Reset();
    }

    private void Compress(ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (int i = 0; i < 16; i++)
        {
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        }

        for (int i = 16; i < 64; i++)
        {
            uint s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
            uint s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }

        (uint a, uint b, uint c, uint d) = (_state[0], _state[1], _state[2], _state[3]);
        (uint e, uint f, uint g, uint h) = (_state[4], _state[5], _state[6], _state[7]);
        for (int i = 0; i < 64; i++)
        {
            uint s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint t1 = h + s1 + ((e & f) ^ (~e & g)) + Constants[i] + w[i];
            uint s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        _state[0] += a;
        _state[1] += b;
        _state[2] += c;
        _state[3] += d;
        _state[4] += e;
        _state[5] += f;
        _state[6] += g;
        _state[7] += h;
    }
}
