using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Lists of types as text (NSEC, NSEC3, CSYNC: RFC 4034 §4.2; NXT: RFC 2535 §5.3).</summary>
internal static class TypeBitmapText
{
    /// <summary>Writes the types of windowed bits, each after a blank.</summary>
    internal static void Format(scoped ReadOnlySpan<byte> bitmap, ref PresentationWriter text)
    {
        while (!bitmap.IsEmpty)
        {
            FormatBits(bitmap.Slice(2, bitmap[1]), bitmap[0] << 8, ref text);
            bitmap = bitmap[(2 + bitmap[1])..];
        }
    }

    /// <summary>Writes the types of a run of bits, each after a blank.</summary>
    internal static void FormatBits(scoped ReadOnlySpan<byte> bits, int firstType, ref PresentationWriter text)
    {
        for (int i = 0; i < bits.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                if ((bits[i] & (0x80 >> bit)) != 0)
                {
                    text.Append((byte)' ');
                    text.AppendMnemonic(DnsTypeText.Table, (ushort)(firstType + (i * 8) + bit));
                }
            }
        }
    }

    /// <summary>Reads types to the end of the entry.</summary>
    internal static bool TryParse(ref ZoneLexer lexer, scoped Span<byte> bitmap, ref int length)
    {
        // the types may come in any order, so there is a bit for each of the 65,536
        Span<byte> bits = stackalloc byte[8192];
        bits.Clear();
        if (!TryCollect(ref lexer, bits, ushort.MaxValue, "a type must be a mnemonic or TYPE and a number"))
        {
            return false;
        }

        if (!TypeBitmap.TryWrite(bits, bitmap[length..], out int octets))
        {
            return lexer.Fail("rdata must not be longer than 65535 octets");
        }

        length += octets;
        return true;
    }

    /// <summary>Reads types from 1 to 127 to the end of the entry, as bits without windows.</summary>
    internal static bool TryParseNxt(ref ZoneLexer lexer, scoped Span<byte> bitmap, ref int length)
    {
        Span<byte> bits = stackalloc byte[16];
        bits.Clear();
        if (!TryCollect(ref lexer, bits, 127, "a type in an NXT record must be a mnemonic or TYPE and a number, from 1 to 127"))
        {
            return false;
        }

        if (length + 16 > bitmap.Length || (bits[0] & 0x80) != 0)
        {
            return lexer.Fail("a type in an NXT record must be from 1 to 127");
        }

        ReadOnlySpan<byte> octets = bits.TrimEnd((byte)0);
        octets.CopyTo(bitmap[length..]);
        length += octets.Length;
        return true;
    }

    private static bool TryCollect(ref ZoneLexer lexer, scoped Span<byte> bits, int largest, string error)
    {
        while (lexer.TryNext(out ZoneToken token))
        {
            if (!DnsTypeText.TryParse(lexer.Slice(token), out DnsRecordType type) || (int)type > largest)
            {
                return lexer.Fail(error);
            }

            bits[(int)type >> 3] |= (byte)(0x80 >> ((int)type & 7));
        }

        return lexer.Error is null;
    }
}
