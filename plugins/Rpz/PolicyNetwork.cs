using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>A network as the owner names of policy zones have it (draft-vixie-dnsop-dns-rpz §4.1.1): <c>24.0.2.0.192</c>,
/// <c>48.zz.2.2001</c>.</summary>
/// <param name="Bits">The address; an IPv4 address is the IPv6 address that it is mapped to.</param>
/// <param name="Length">How many bits of the 128 count.</param>
internal readonly record struct PolicyNetwork(UInt128 Bits, byte Length)
{
    private const int Mapped = 96;

    /// <summary>True for a network of IPv4 addresses.</summary>
    public bool IsIPv4 => Length >= Mapped && Bits >> 32 == 0xFFFF;

    /// <summary>The bits of an address, as networks have them.</summary>
    public static UInt128 BitsOf(in ClientAddress address) => address.IsIPv6 ? address.Bits : ((UInt128)0xFFFF << 32) | address.Bits;

    /// <summary>The bits of an address, as networks have them.</summary>
    /// <param name="octets">The rdata of an A or AAAA record, 4 or 16 octets.</param>
    public static UInt128 BitsOf(ReadOnlySpan<byte> octets) =>
        octets.Length == 4 ? ((UInt128)0xFFFF << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt128BigEndian(octets);

    /// <summary>The bits that count.</summary>
    public static UInt128 Mask(int length) => length == 0 ? 0 : UInt128.MaxValue << (128 - length);

    /// <summary>Reads a network from labels.</summary>
    /// <param name="wire">Labels in wire form, without those of the trigger and the zone.</param>
    /// <param name="network">The network.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    public static bool TryRead(ReadOnlySpan<byte> wire, out PolicyNetwork network, out string? error)
    {
        network = default;
        Span<Range> labels = stackalloc Range[10];
        int count = 0;
        for (int at = 0; at < wire.Length && count < labels.Length; at += wire[at] + 1)
        {
            labels[count++] = (at + 1)..(at + 1 + wire[at]);
        }

        if (count < 2 || !TryReadNumber(wire[labels[0]], 128, out int length) || length == 0)
        {
            error = "a prefix length from 1 to 128 and an address are expected, such as 24.0.2.0.192 or 48.zz.db8.2001";
            return false;
        }

        bool hasZeros = false;
        for (int i = 1; i < count; i++)
        {
            hasZeros |= IsZeros(wire[labels[i]]);
        }

        UInt128 bits = 0;
        if (count == 5 && !hasZeros)
        {
            if (length > 32)
            {
                error = $"{length} is not a prefix length from 1 to 32";
                return false;
            }

            for (int i = 4; i > 0; i--)
            {
                if (!TryReadNumber(wire[labels[i]], 255, out int octet))
                {
                    error = $"'{Text(wire[labels[i]])}' is not a number from 0 to 255";
                    return false;
                }

                bits = (bits << 8) | (uint)octet;
            }

            bits |= (UInt128)0xFFFF << 32;
            length += Mapped;
        }
        else if (!TryReadGroups(wire, labels[1..count], hasZeros, out bits, out error))
        {
            return false;
        }

        if ((bits & ~Mask(length)) != 0)
        {
            error = "the address has bits behind the prefix length; they must be zero";
            return false;
        }

        network = new PolicyNetwork(bits, (byte)length);
        error = null;
        return true;
    }

    /// <summary>Writes the network as labels.</summary>
    /// <param name="destination">Takes the labels, at most 46 octets.</param>
    /// <returns>The octets written.</returns>
    public int WriteLabels(Span<byte> destination)
    {
        int at = WriteLabel(destination, string.Create(CultureInfo.InvariantCulture, $"{(IsIPv4 ? Length - Mapped : Length)}"));
        if (IsIPv4)
        {
            for (int i = 0; i < 4; i++)
            {
                at += WriteLabel(destination[at..], string.Create(CultureInfo.InvariantCulture, $"{(byte)(Bits >> (8 * i))}"));
            }

            return at;
        }

        // The longest run of zeros is left out, the first one in the address when there are several (RFC 5952 §4.2.3).
        (int start, int length) = LongestZeros();
        for (int group = 7; group >= 0; group--)
        {
            if (group == start + length - 1)
            {
                at += WriteLabel(destination[at..], "zz");
                group = start;
                continue;
            }

            at += WriteLabel(destination[at..], string.Create(CultureInfo.InvariantCulture, $"{GroupAt(group):x}"));
        }

        return at;
    }

    /// <summary><c>192.0.2.0/24</c>, <c>2001:db8::/48</c>.</summary>
    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Bits);
        return IsIPv4
            ? string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(octets[12..])}/{Length - Mapped}")
            : string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(octets)}/{Length}");
    }

    private static bool TryReadGroups(ReadOnlySpan<byte> wire, ReadOnlySpan<Range> labels, bool hasZeros, out UInt128 bits, out string? error)
    {
        bits = 0;
        error = null;
        if (hasZeros ? labels.Length > 8 : labels.Length != 8)
        {
            error = "an address is four numbers, or eight groups of hexadecimal digits of which 'zz' may stand for a run of zeros, last ones first";
            return false;
        }

        bool hadZeros = false;
        for (int i = labels.Length - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> label = wire[labels[i]];
            if (IsZeros(label))
            {
                if (hadZeros)
                {
                    error = "'zz' may stand once in an address";
                    return false;
                }

                hadZeros = true;
                bits <<= 16 * (9 - labels.Length);
                continue;
            }

            if (label.Length > 4 || !uint.TryParse(label, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint group))
            {
                error = $"'{Text(label)}' is not a group of one to four hexadecimal digits";
                return false;
            }

            bits = (bits << 16) | group;
        }

        return true;
    }

    private static bool IsZeros(ReadOnlySpan<byte> label) => label.Length == 2 && (label[0] | 0x20) == 'z' && (label[1] | 0x20) == 'z';

    /// <summary>A decimal number without zeros in front: another way to write it would be another owner.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> label, int most, out int number)
    {
        number = 0;
        return label.Length is > 0 and <= 3 && (label[0] != '0' || label.Length == 1)
            && int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
    }

    private static string Text(ReadOnlySpan<byte> label) => string.Concat(Encoding.Latin1.GetString(label).Select(c => c is > ' ' and <= '~' ? c : '?'));

    private static int WriteLabel(Span<byte> destination, string text)
    {
        destination[0] = (byte)text.Length;
        return 1 + Encoding.ASCII.GetBytes(text, destination[1..]);
    }

    /// <summary>A group by its place in the text of the address, from 0.</summary>
    private ushort GroupAt(int group) => (ushort)(Bits >> (16 * (7 - group)));

    private (int Start, int Length) LongestZeros()
    {
        (int Start, int Length) longest = (0, 0);
        for (int start = 0; start < 8; start++)
        {
            int end = start;
            while (end < 8 && GroupAt(end) == 0)
            {
                end++;
            }

            // A single group is not worth leaving out.
            if (end - start > Math.Max(longest.Length, 1))
            {
                longest = (start, end - start);
            }
        }

        return longest;
    }
}
