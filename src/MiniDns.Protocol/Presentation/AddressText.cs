using System.Buffers.Binary;

namespace MiniDns.Protocol.Presentation;

/// <summary>IPv4 and IPv6 addresses as text, strictly: four decimal octets; RFC 4291 §2.2 in, RFC 5952 out.</summary>
internal static class AddressText
{
    internal static void FormatIPv4(scoped ReadOnlySpan<byte> address, ref PresentationWriter text)
    {
        for (int i = 0; i < 4; i++)
        {
            if (i > 0)
            {
                text.Append((byte)'.');
            }

            text.AppendNumber(address[i]);
        }
    }

    internal static void FormatIPv6(scoped ReadOnlySpan<byte> address, ref PresentationWriter text)
    {
        // the longest run of two or more zero groups, the first of equals
        int bestStart = 8;
        int bestLength = 1;
        for (int i = 0; i < 8;)
        {
            int length = 0;
            while (i + length < 8 && Group(address, i + length) == 0)
            {
                length++;
            }

            if (length > bestLength)
            {
                (bestStart, bestLength) = (i, length);
            }

            i += length + 1;
        }

        // an address that embeds IPv4 shows it, as inet_ntop does
        bool embedded = bestStart == 0 && (bestLength == 6 || (bestLength == 5 && Group(address, 5) == 0xFFFF));
        int groups = embedded ? 6 : 8;
        for (int i = 0; i < groups;)
        {
            if (i == bestStart)
            {
                text.Append("::"u8);
                i += bestLength;
                continue;
            }

            if (i > 0 && i != bestStart + bestLength)
            {
                text.Append((byte)':');
            }

            FormatGroup(Group(address, i++), ref text);
        }

        if (embedded)
        {
            if (bestLength == 5)
            {
                text.Append((byte)':');
            }

            FormatIPv4(address[12..], ref text);
        }
    }

    /// <summary>Reads four decimal octets without leading zeros.</summary>
    internal static bool TryParseIPv4(ReadOnlySpan<byte> text, Span<byte> address)
    {
        int part = 0;
        int value = -1;
        foreach (byte c in text)
        {
            if (c == '.')
            {
                if (value < 0 || part == 3)
                {
                    return false;
                }

                address[part++] = (byte)value;
                value = -1;
                continue;
            }

            int digit = c - '0';
            if ((uint)digit > 9 || value == 0)
            {
                return false;
            }

            value = (Math.Max(value, 0) * 10) + digit;
            if (value > 255)
            {
                return false;
            }
        }

        if (part != 3 || value < 0)
        {
            return false;
        }

        address[3] = (byte)value;
        return true;
    }

    /// <summary>Reads an IPv6 address; zones and brackets are not part of one.</summary>
    internal static bool TryParseIPv6(ReadOnlySpan<byte> text, Span<byte> address)
    {
        int at = 0;             // octets read
        int gap = -1;           // octets before the "::"
        int i = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            i = 2;
        }

        while (i < text.Length)
        {
            int end = i;
            int value = 0;
            while (end < text.Length && HexValue(text[end]) is int digit and >= 0)
            {
                value = (value << 4) | digit;
                end++;
                if (end - i > 4)
                {
                    return false;
                }
            }

            if (end < text.Length && text[end] == '.')
            {
                if (at > 12 || !TryParseIPv4(text[i..], address.Slice(at, 4)))
                {
                    return false;
                }

                at += 4;
                i = text.Length;
                break;
            }

            if (end == i || at > 14)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(address[at..], (ushort)value);
            at += 2;
            i = end;
            if (i == text.Length)
            {
                break;
            }

            if (text[i++] != ':' || i == text.Length)
            {
                return false;
            }

            if (text[i] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = at;
                i++;
            }
        }

        if (gap < 0)
        {
            return at == 16;
        }

        if (at > 14)
        {
            return false;
        }

        int tail = at - gap;
        address[gap..at].CopyTo(address[(16 - tail)..]);
        address[gap..(16 - tail)].Clear();
        return true;
    }

    internal static int HexValue(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    private static ushort Group(ReadOnlySpan<byte> address, int index) => BinaryPrimitives.ReadUInt16BigEndian(address[(index * 2)..]);

    internal static void FormatGroup(ushort group, ref PresentationWriter text)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        for (int shift = group > 0xFFF ? 12 : group > 0xFF ? 8 : group > 0xF ? 4 : 0; shift >= 0; shift -= 4)
        {
            text.Append(digits[(group >> shift) & 0xF]);
        }
    }
}
