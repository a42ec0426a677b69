using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Objects;

/// <summary>Reads the address out of a reverse name (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
public static class ReverseText
{
    /// <summary>Reads a name in <c>in-addr.arpa</c> or <c>ip6.arpa</c>.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="octets">Takes 16 octets: the address, or its beginning and zeros; IPv4 takes the first four.</param>
    /// <param name="bits">How many bits the name tells: 32 or 128 for an address, fewer for a name above some.</param>
    /// <param name="isIPv4">True for <c>in-addr.arpa</c>.</param>
    /// <returns>False when no address and no name above one is spelt so.</returns>
    public static bool TryRead(DnsNameView name, Span<byte> octets, out int bits, out bool isIPv4)
    {
        octets.Clear();
        bits = 0;
        ReadOnlySpan<byte> wire = name.Wire;
        isIPv4 = wire.EndsWith("\u0007in-addr\u0004arpa\0"u8);
        if (!isIPv4 && !wire.EndsWith("\u0003ip6\u0004arpa\0"u8))
        {
            return false;
        }

        // The first label is the last part of the address: collected backwards, then turned round.
        int labels = name.LabelCount - 2;
        if (labels > (isIPv4 ? 4 : 32))
        {
            return false;
        }

        int at = 0;
        for (int i = labels - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> label = wire.Slice(at + 1, wire[at]);
            if (isIPv4)
            {
                if (!TryReadOctet(label, out octets[i]))
                {
                    return false;
                }
            }
            else
            {
                int digit = label.Length != 1 ? -1 : label[0] is >= (byte)'0' and <= (byte)'9' ? label[0] - '0' : label[0] is >= (byte)'a' and <= (byte)'f' ? label[0] - 'a' + 10 : -1;
                if (digit < 0)
                {
                    return false;
                }

                octets[i / 2] |= (byte)(i % 2 == 0 ? digit << 4 : digit);
            }

            at += label.Length + 1;
        }

        bits = labels * (isIPv4 ? 8 : 4);
        return true;
    }

    /// <summary>The addresses that a reverse name lies above.</summary>
    /// <param name="octets">The 16 octets that were read.</param>
    /// <param name="bits">How many bits count.</param>
    /// <param name="isIPv4">The family.</param>
    /// <param name="last">The last address.</param>
    /// <returns>The first address.</returns>
    public static ClusterAddress Range(ReadOnlySpan<byte> octets, int bits, bool isIPv4, out ClusterAddress last)
    {
        int length = isIPv4 ? 4 : 16;
        Span<byte> end = stackalloc byte[16];
        octets.CopyTo(end);
        for (int i = 0; i < length; i++)
        {
            end[i] |= (byte)(0xFF >> Math.Clamp(bits - (i * 8), 0, 8));
        }

        last = ClusterAddress.FromOctets(end[..length]);
        return ClusterAddress.FromOctets(octets[..length]);
    }

    private static bool TryReadOctet(ReadOnlySpan<byte> label, out byte octet)
    {
        octet = 0;
        if (label.Length is 0 or > 3 || (label.Length > 1 && label[0] == '0'))
        {
            return false;
        }

        int value = 0;
        foreach (byte c in label)
        {
            if (c is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + c - '0';
        }

        octet = (byte)value;
        return value <= 255;
    }
}
