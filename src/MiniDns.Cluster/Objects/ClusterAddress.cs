using System.Buffers.Binary;
using System.Net;
using MiniDns.Protocol.Presentation;

namespace MiniDns.Cluster.Objects;

/// <summary>An IPv4 or IPv6 address in 16 octets; IPv4 in the form <c>::ffff:a.b.c.d</c>, which is never an IPv6 address of its own here.</summary>
public readonly struct ClusterAddress : IEquatable<ClusterAddress>, IComparable<ClusterAddress>
{
    /// <summary>The most octets that <see cref="FormatDashed"/> writes.</summary>
    public const int MaxDashedLength = 40;

    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;

    private ClusterAddress(ulong high, ulong low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>True for an IPv4 address.</summary>
    public bool IsIPv4 => _high == 0 && _low >> 32 == 0xFFFF;

    /// <summary>Octets of rdata: 4 or 16.</summary>
    public int Length => IsIPv4 ? 4 : 16;

    /// <summary>True for the same address.</summary>
    public static bool operator ==(ClusterAddress left, ClusterAddress right) => left.Equals(right);

    /// <summary>True for different addresses.</summary>
    public static bool operator !=(ClusterAddress left, ClusterAddress right) => !left.Equals(right);

    /// <summary>Takes 4 or 16 octets.</summary>
    public static ClusterAddress FromOctets(ReadOnlySpan<byte> octets) => octets.Length == 4
        ? new ClusterAddress(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(octets))
        : new ClusterAddress(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));

    /// <summary>Takes an address of the framework.</summary>
    public static ClusterAddress From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        return FromOctets(octets[..length]);
    }

    /// <summary>Reads an address as Kubernetes writes it, in UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ClusterAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        bool isIPv4 = !text.Contains((byte)':');
        bool isAddress = isIPv4 ? AddressOctets.TryParseIPv4(text, octets) : AddressOctets.TryParseIPv6(text, octets);
        address = isAddress ? FromOctets(isIPv4 ? octets[..4] : octets) : default;
        return isAddress;
    }

    /// <summary>Writes the 4 or 16 octets of rdata.</summary>
    /// <returns>How many.</returns>
    public int CopyTo(Span<byte> octets)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)_low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(octets, _high);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], _low);
        return 16;
    }

    /// <summary>Writes the address as the label that names an endpoint without a host name: the dots or colons of its
    /// shortest text (RFC 5952) become dashes, and a <c>0</c> follows a dash at the end.</summary>
    /// <returns>The label's length in octets.</returns>
    public int FormatDashed(Span<byte> label)
    {
        Span<byte> octets = stackalloc byte[16];
        int length = CopyTo(octets);
        int at = 0;
        if (length == 4)
        {
            for (int i = 0; i < 4; i++)
            {
                if (i > 0)
                {
                    label[at++] = (byte)'-';
                }

                octets[i].TryFormat(label[at..], out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
                at += written;
            }

            return at;
        }

        // the longest run of two or more zero groups, the first of equals
        int runStart = 8;
        int runLength = 1;
        for (int i = 0; i < 8;)
        {
            int run = 0;
            while (i + run < 8 && BinaryPrimitives.ReadUInt16BigEndian(octets[((i + run) * 2)..]) == 0)
            {
                run++;
            }

            if (run > runLength)
            {
                (runStart, runLength) = (i, run);
            }

            i += run + 1;
        }

        for (int i = 0; i < 8;)
        {
            if (i == runStart)
            {
                label[at++] = (byte)'-';
                label[at++] = (byte)'-';
                i += runLength;
                continue;
            }

            if (i > 0 && i != runStart + runLength)
            {
                label[at++] = (byte)'-';
            }

            BinaryPrimitives.ReadUInt16BigEndian(octets[(i * 2)..]).TryFormat(label[at..], out int written, "x", System.Globalization.CultureInfo.InvariantCulture);
            at += written;
            i++;
        }

        if (label[at - 1] == '-')
        {
            label[at++] = (byte)'0';
        }

        return at;
    }

    /// <summary>The address as one of the framework.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        return new IPAddress(octets[..CopyTo(octets)]);
    }

    /// <summary>Orders addresses by their octets.</summary>
    public int CompareTo(ClusterAddress other) => _high != other._high ? _high.CompareTo(other._high) : _low.CompareTo(other._low);

    /// <summary>A hash that differs between runs of the process.</summary>
    public override int GetHashCode() => HashCode.Combine(_high, _low);

    /// <inheritdoc/>
    public bool Equals(ClusterAddress other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ClusterAddress other && Equals(other);

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();
}
