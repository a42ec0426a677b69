using System.Net;
using MiniDns.Queries;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>The network that a client is counted under.</summary>
/// <param name="Bits">The network's bits, the last one at the right.</param>
/// <param name="IsIPv6">True for IPv6.</param>
internal readonly record struct ClientPrefix(ulong Bits, bool IsIPv6)
{
    /// <summary>The longest IPv6 prefix.</summary>
    public const int MaxIPv6Length = 64;

    /// <summary>The network of an address.</summary>
    public static ClientPrefix Of(in ClientAddress address, int length4, int length6) => address.IsIPv6
        ? new ClientPrefix((ulong)(address.Bits >> 64) >> (MaxIPv6Length - length6), true)
        : new ClientPrefix((ulong)address.Bits >> (32 - length4), false);

    /// <summary>The network in words: <c>192.0.2.0/24</c>.</summary>
    public string Format(int length4, int length6)
    {
        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        if (IsIPv6)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(octets, Bits << (MaxIPv6Length - length6));
            return $"{new IPAddress(octets)}/{length6}";
        }

        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)(Bits << (32 - length4)));
        return $"{new IPAddress(octets[..4])}/{length4}";
    }
}
