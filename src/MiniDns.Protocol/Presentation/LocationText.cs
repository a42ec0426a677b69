using System.Buffers.Binary;

namespace MiniDns.Protocol.Presentation;

/// <summary>LOC as text (RFC 1876 §3).</summary>
internal static class LocationText
{
    private const uint Equator = 0x80000000;
    private const int AltitudeBase = 10_000_000;        // 100 km below the reference spheroid, in centimetres

    private static ReadOnlySpan<uint> PowersOfTen => [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    /// <summary>Writes sixteen well-formed octets.</summary>
    internal static void Format(scoped ReadOnlySpan<byte> rdata, ref PresentationWriter text)
    {
        FormatAngle(BinaryPrimitives.ReadUInt32BigEndian(rdata[4..]), (byte)'N', (byte)'S', ref text);
        FormatAngle(BinaryPrimitives.ReadUInt32BigEndian(rdata[8..]), (byte)'E', (byte)'W', ref text);
        long altitude = BinaryPrimitives.ReadUInt32BigEndian(rdata[12..]) - (long)AltitudeBase;
        if (altitude < 0)
        {
            text.Append((byte)'-');
            altitude = -altitude;
        }

        text.AppendNumber(altitude / 100);
        text.Append((byte)'.');
        text.AppendNumber(altitude % 100, 2);
        text.Append((byte)'m');
        for (int i = 1; i <= 3; i++)
        {
            text.Append((byte)' ');
            FormatSize(rdata[i], ref text);
        }
    }

    /// <summary>Reads <c>d1 [m1 [s1]] N|S d2 [m2 [s2]] E|W alt[m] [size[m] [hp[m] [vp[m]]]]</c>.</summary>
    internal static bool TryParse(ref ZoneLexer lexer, scoped Span<byte> rdata)
    {
        rdata[0] = 0;
        rdata[1] = 0x12;        // the defaults of RFC 1876 §3: 1 m, 10 km, 10 m
        rdata[2] = 0x16;
        rdata[3] = 0x13;
        if (!TryParseAngle(ref lexer, 90, (byte)'N', (byte)'S', out uint latitude)
            || !TryParseAngle(ref lexer, 180, (byte)'E', (byte)'W', out uint longitude))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(rdata[4..], latitude);
        BinaryPrimitives.WriteUInt32BigEndian(rdata[8..], longitude);
        if (!lexer.TryExpect("an altitude in metres", out ZoneToken token)
            || !TryParseCentimetres(lexer.Slice(token), -AltitudeBase, uint.MaxValue - (long)AltitudeBase, out long altitude))
        {
            return lexer.Fail("an altitude must be metres between -100000.00 and 42849672.95, such as -24.00m");
        }

        BinaryPrimitives.WriteUInt32BigEndian(rdata[12..], (uint)(altitude + AltitudeBase));
        for (int i = 1; i <= 3 && lexer.TryNext(out token); i++)
        {
            if (!TryParseCentimetres(lexer.Slice(token), 0, 9_000_000_000, out long size))
            {
                return lexer.Fail("a size or precision must be metres up to 90000000.00, such as 10m");
            }

            rdata[i] = EncodeSize(size);
        }

        return lexer.Error is null;
    }

    private static void FormatAngle(uint value, byte positive, byte negative, ref PresentationWriter text)
    {
        long angle = value - (long)Equator;
        bool below = angle < 0;
        angle = Math.Abs(angle);
        text.AppendNumber(angle / 3_600_000);
        text.Append((byte)' ');
        text.AppendNumber(angle / 60_000 % 60);
        text.Append((byte)' ');
        text.AppendNumber(angle / 1000 % 60);
        text.Append((byte)'.');
        text.AppendNumber(angle % 1000, 3);
        text.Append((byte)' ');
        text.Append(below ? negative : positive);
        text.Append((byte)' ');
    }

    private static void FormatSize(byte size, ref PresentationWriter text)
    {
        int mantissa = size >> 4;
        int exponent = size & 0xF;
        if (exponent >= 2)
        {
            text.AppendNumber((long)mantissa * PowersOfTen[exponent - 2]);
        }
        else
        {
            text.Append("0."u8);
            text.AppendNumber(mantissa * (int)PowersOfTen[exponent], 2);
        }

        text.Append((byte)'m');
    }

    private static byte EncodeSize(long centimetres)
    {
        int exponent = 0;
        while (centimetres >= 10)
        {
            centimetres /= 10;
            exponent++;
        }

        return (byte)((centimetres << 4) | (uint)exponent);
    }

    private static bool TryParseAngle(ref ZoneLexer lexer, int maxDegrees, byte positive, byte negative, out uint value)
    {
        value = 0;
        long angle = 0;
        for (int part = 0; part < 4; part++)
        {
            if (!lexer.TryExpect(maxDegrees == 90 ? "a latitude such as 52 22 23.000 N" : "a longitude such as 4 53 32.000 E", out ZoneToken token))
            {
                return false;
            }

            ReadOnlySpan<byte> text = lexer.Slice(token);
            if (part > 0 && text.Length == 1 && !char.IsAsciiDigit((char)text[0]))
            {
                byte direction = (byte)(text[0] & 0xDF);
                if ((direction != positive && direction != negative) || angle > maxDegrees * 3_600_000L)
                {
                    break;
                }

                value = (uint)(direction == positive ? Equator + angle : Equator - angle);
                return true;
            }

            long number = -1;
            switch (part)
            {
                case 0 when NumberText.TryParse(text, (ulong)maxDegrees, out ulong degrees):
                    number = (long)degrees * 3_600_000;
                    break;
                case 1 when NumberText.TryParse(text, 59, out ulong minutes):
                    number = (long)minutes * 60_000;
                    break;
                case 2:
                    number = TryParseFixed(text, 3, out long thousandths) && thousandths < 60_000 ? thousandths : -1;
                    break;
                default:
                    break;
            }

            if (number < 0)
            {
                break;
            }

            angle += number;
        }

        return lexer.Fail(maxDegrees == 90
            ? "a latitude must be degrees up to 90, minutes and seconds below 60, and N or S"
            : "a longitude must be degrees up to 180, minutes and seconds below 60, and E or W");
    }

    private static bool TryParseCentimetres(ReadOnlySpan<byte> text, long min, long max, out long value)
    {
        value = 0;
        if (text is [.., (byte)'m' or (byte)'M'])
        {
            text = text[..^1];
        }

        bool below = text is [(byte)'-', ..];
        if (below || text is [(byte)'+', ..])
        {
            text = text[1..];
        }

        if (!TryParseFixed(text, 2, out value))
        {
            return false;
        }

        value = below ? -value : value;
        return value >= min && value <= max;
    }

    /// <summary>Reads a decimal number as an integer of so many decimals.</summary>
    private static bool TryParseFixed(ReadOnlySpan<byte> text, int decimals, out long value)
    {
        int dot = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? text : text[..dot];
        ReadOnlySpan<byte> fraction = dot < 0 ? default : text[(dot + 1)..];
        value = 0;
        ulong part = 0;
        if (fraction.Length > decimals
            || (whole.IsEmpty && fraction.IsEmpty)
            || (!whole.IsEmpty && !NumberText.TryParse(whole, 1_000_000_000, out part)))
        {
            return false;
        }

        ulong fractionValue = 0;
        if (!fraction.IsEmpty && !NumberText.TryParse(fraction, 1_000_000_000, out fractionValue))
        {
            return false;
        }

        value = ((long)part * PowersOfTen[decimals]) + ((long)fractionValue * PowersOfTen[decimals - fraction.Length]);
        return true;
    }
}
