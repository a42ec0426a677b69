using System.Buffers.Binary;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>The network that the client is in (RFC 7871 §6).</summary>
/// <param name="bits4">How many bits of an IPv4 address are told.</param>
/// <param name="bits6">How many bits of an IPv6 address are told.</param>
internal sealed class SubnetData(byte bits4, byte bits6) : EdnsData
{
    /// <inheritdoc/>
    public override bool TryRead(DnsQuery query, ReadOnlySpan<byte> name, Span<byte> scratch, out ReadOnlySpan<byte> data)
    {
        ClientAddress client = query.Client;
        byte bits = client.IsIPv6 ? bits6 : bits4;
        BinaryPrimitives.WriteUInt16BigEndian(scratch, (ushort)(client.IsIPv6 ? 2 : 1));
        scratch[2] = bits;
        scratch[3] = 0;
        client.WriteOctets(scratch[4..]);
        int length = (bits + 7) / 8;
        if (bits % 8 != 0)
        {
            scratch[4 + length - 1] &= (byte)(0xFF << (8 - (bits % 8)));
        }

        data = scratch[..(4 + length)];
        return true;
    }
}
