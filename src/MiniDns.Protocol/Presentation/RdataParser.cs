using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Reads rdata from the tokens of a zone file's entry.</summary>
internal static class RdataParser
{
    private const string TooLong = "rdata must not be longer than 65535 octets";

    /// <summary>Reads rdata up to the end of the entry.</summary>
    /// <param name="type">The type.</param>
    /// <param name="lexer">Stands after the type; tells what is wrong.</param>
    /// <param name="origin">Completes relative names.</param>
    /// <param name="rdata">Takes the rdata.</param>
    /// <param name="length">The octets written.</param>
    internal static bool TryParse(DnsRecordType type, ref ZoneLexer lexer, scoped DnsNameView origin, scoped Span<byte> rdata, out int length)
    {
        length = 0;
        if (rdata.Length > RdataWire.MaxLength)
        {
            rdata = rdata[..RdataWire.MaxLength];
        }

        RdataDescriptor descriptor = RdataDescriptor.For(type);
        ZoneLexer before = lexer;
        if (lexer.TryNext(out ZoneToken token) && !token.IsQuoted && lexer.Slice(token) is [(byte)'\\', (byte)'#'])
        {
            return TryParseGeneric(type, ref lexer, rdata, out length);
        }

        if (lexer.Error is not null)
        {
            return false;
        }

        if (descriptor.IsOpaque || descriptor.Fields[0].Kind is RdataFieldKind.EdnsOptions)
        {
            return lexer.Fail("rdata of this type must be written as \\#, its length and hexadecimal digits");
        }

        lexer = before;
        foreach (RdataField field in descriptor.Fields)
        {
            int start = length;
            if (!TryParse(field, ref lexer, origin, rdata, ref length))
            {
                return false;
            }

            if (length - start < field.MinLength)
            {
                return lexer.TryExpect("the last field of the rdata", out _);
            }
        }

        return lexer.TryNext(out _) ? lexer.Fail("the rdata must end here") : lexer.Error is null;
    }

    private static bool TryParseGeneric(DnsRecordType type, ref ZoneLexer lexer, scoped Span<byte> rdata, out int length)
    {
        length = 0;
        if (!lexer.TryExpect("the length of the rdata", out ZoneToken token))
        {
            return false;
        }

        if (!NumberText.TryParse(lexer.Slice(token), RdataWire.MaxLength, out ulong expected))
        {
            return lexer.Fail("the length of the rdata must be a number up to 65535");
        }

        if (!EncodedText.TryParseHex(ref lexer, rdata, ref length))
        {
            return false;
        }

        if (length != (int)expected)
        {
            return lexer.Fail($"the rdata must have {expected} octets as its length says, but it has {length}");
        }

        return RdataWire.IsWellFormed(type, rdata[..length]) || lexer.Fail($"the octets must have the form of {DnsTypeText.Format(type)} rdata");
    }

    private static bool TryParse(RdataField field, ref ZoneLexer lexer, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        // fields that run to the end of the entry take their own tokens
        switch (field.Kind)
        {
            case RdataFieldKind.CharacterStrings:
                while (lexer.TryNext(out ZoneToken part))
                {
                    if (!TryParseString(ref lexer, part, rdata, ref length))
                    {
                        return false;
                    }
                }

                return lexer.Error is null;
            case RdataFieldKind.OptionalCharacterString:
                return lexer.TryNext(out ZoneToken optional) ? TryParseString(ref lexer, optional, rdata, ref length) : lexer.Error is null;
            case RdataFieldKind.Base64Rest:
                return EncodedText.TryParseBase64(ref lexer, rdata, ref length);
            case RdataFieldKind.HexRest:
                return EncodedText.TryParseHex(ref lexer, rdata, ref length);
            case RdataFieldKind.TypeBitmap:
                return TypeBitmapText.TryParse(ref lexer, rdata, ref length);
            case RdataFieldKind.NxtBitmap:
                return TypeBitmapText.TryParseNxt(ref lexer, rdata, ref length);
            case RdataFieldKind.SvcParams:
                return SvcParamText.TryParse(ref lexer, rdata, ref length);
            case RdataFieldKind.AddressPrefixes:
                return CompositeRdataParser.TryParsePrefixes(ref lexer, rdata, ref length);
            case RdataFieldKind.Services:
                return CompositeRdataParser.TryParseServices(ref lexer, rdata, ref length);
            case RdataFieldKind.AddressSuffix:
                return CompositeRdataParser.TryParseSuffix(ref lexer, origin, rdata, ref length);
            case RdataFieldKind.HostIdentity:
                return CompositeRdataParser.TryParseHostIdentity(ref lexer, origin, rdata, ref length);
            case RdataFieldKind.AmtRelay:
                return CompositeRdataParser.TryParseRelay(ref lexer, origin, rdata, ref length);
            case RdataFieldKind.Location:
                if (rdata.Length - length < 16)
                {
                    return lexer.Fail(TooLong);
                }

                length += 16;
                return LocationText.TryParse(ref lexer, rdata.Slice(length - 16, 16));
            default:
                return lexer.TryExpect(Expectation(field.Kind), out ZoneToken token)
                    && TryParse(field, ref lexer, token, origin, rdata, ref length);
        }
    }

    private static bool TryParse(RdataField field, ref ZoneLexer lexer, ZoneToken token, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        ReadOnlySpan<byte> text = lexer.Slice(token);
        int width = field.FixedLength;
        if (width > rdata.Length - length)
        {
            return lexer.Fail(TooLong);
        }

        Span<byte> value = rdata[length..];
        bool read;
        switch (field.Kind)
        {
            case RdataFieldKind.Name:
                return TryParseName(ref lexer, token, origin, rdata, ref length);
            case RdataFieldKind.CharacterString:
                return TryParseString(ref lexer, token, rdata, ref length);
            case RdataFieldKind.IpsecGateway:
                return CompositeRdataParser.TryParseGateway(ref lexer, rdata[length - 2], token, origin, rdata, ref length);
            case RdataFieldKind.TextRest:
                read = CharacterStringText.TryUnescape(text, value, out width, out _);
                break;
            case RdataFieldKind.Tag:
                read = TryParseTag(text, value, out width);
                break;
            case RdataFieldKind.SizedBase64:
                return TryParseSized(ref lexer, text, rdata, ref length);
            case RdataFieldKind.Base64OrDashRest:
                return text is [(byte)'-'] || EncodedText.TryParseBase64Token(ref lexer, token, rdata, ref length);
            case RdataFieldKind.Salt:
                return TryParseSalt(ref lexer, text, rdata, ref length);
            case RdataFieldKind.HashedOwner:
                width = 0;
                read = value.Length > 0
                    && EncodedText.TryParseBase32Hex(text, value[1..Math.Min(value.Length, 256)], out width)
                    && width > 0;
                if (read)
                {
                    value[0] = (byte)width++;
                }

                break;
            case RdataFieldKind.NsapRest:
                return TryParseNsap(ref lexer, text, rdata, ref length);
            case RdataFieldKind.AtmAddress:
                return CompositeRdataParser.TryParseAtm(ref lexer, text, rdata, ref length);
            case RdataFieldKind.IPv4:
                read = AddressText.TryParseIPv4(text, value);
                break;
            case RdataFieldKind.IPv6:
                read = AddressText.TryParseIPv6(text, value[..16]);
                break;
            case RdataFieldKind.Eui48 or RdataFieldKind.Eui64:
                read = TryParseEui(text, value[..width]);
                break;
            case RdataFieldKind.NodeId:
                read = TryParseNodeId(text, value);
                break;
            default:
                read = TryParseNumber(field.Kind, text, value[..width]);
                break;
        }

        if (!read)
        {
            return lexer.Fail($"{Expectation(field.Kind)} must stand here");
        }

        length += width;
        return true;
    }

    internal static bool TryParseName(ref ZoneLexer lexer, ZoneToken token, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        ReadOnlySpan<byte> text = lexer.Slice(token);
        Span<byte> destination = rdata[length..];
        if (destination.Length < DnsNameView.MaxLength)
        {
            return TryParseNameAtEnd(ref lexer, text, origin, destination, ref length);
        }

        if (!TryParseName(text, origin, destination, out int octets, out string? error))
        {
            return lexer.Fail(error);
        }

        length += octets;
        return true;
    }

    /// <summary>Reads a name, where a lone <c>@</c> is the origin.</summary>
    internal static bool TryParseName(ReadOnlySpan<byte> text, scoped DnsNameView origin, scoped Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        if (text is not [(byte)'@'])
        {
            return DnsNameText.TryParse(text, origin, wire, out length, out error);
        }

        origin.Wire.CopyTo(wire);
        length = origin.Length;
        error = null;
        return true;
    }

    internal static string Expectation(RdataFieldKind kind) => kind switch
    {
        RdataFieldKind.UInt8 => "a number up to 255",
        RdataFieldKind.UInt16 => "a number up to 65535",
        RdataFieldKind.UInt32 => "a number up to 4294967295",
        RdataFieldKind.UInt48 => "a number up to 281474976710655",
        RdataFieldKind.Seconds => "seconds, such as 3600 or 1h30m,",
        RdataFieldKind.Timestamp => "a time as YYYYMMDDHHmmSS, or seconds since 1970,",
        RdataFieldKind.RecordType => "a type mnemonic",
        RdataFieldKind.CertificateType => "a certificate type, such as PKIX or a number up to 65535,",
        RdataFieldKind.Algorithm or RdataFieldKind.AlgorithmMnemonic => "an algorithm number up to 255 or its mnemonic",
        RdataFieldKind.DsyncScheme => "NOTIFY or a number up to 255",
        RdataFieldKind.TransactionError => "an error, such as NOERROR or a number up to 65535,",
        RdataFieldKind.IPv4 => "an IPv4 address, such as 192.0.2.1,",
        RdataFieldKind.IPv6 => "an IPv6 address, such as 2001:db8::1,",
        RdataFieldKind.Name => "a name",
        RdataFieldKind.CharacterString => "a character string of up to 255 octets",
        RdataFieldKind.TextRest => "a text with well-formed escapes",
        RdataFieldKind.Tag => "a tag of letters and digits",
        RdataFieldKind.NsapRest => "an NSAP address, 0x and hexadecimal digits,",
        RdataFieldKind.SizedBase64 => "the length of the data",
        RdataFieldKind.Salt => "a salt of up to 255 octets in hexadecimal, or -,",
        RdataFieldKind.HashedOwner => "a hashed owner name in base32hex",
        RdataFieldKind.Eui48 => "an address such as 00-00-5e-00-53-2a",
        RdataFieldKind.Eui64 => "an address such as 00-00-5e-ef-10-00-00-2a",
        RdataFieldKind.NodeId => "four groups of hexadecimal digits, such as 0014:4fff:ff20:ee64,",
        _ => "a field of the rdata",
    };

    private static bool TryParseNameAtEnd(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped DnsNameView origin, scoped Span<byte> destination, ref int length)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        if (!TryParseName(text, origin, wire, out int octets, out string? error))
        {
            return lexer.Fail(error);
        }

        if (!wire[..octets].TryCopyTo(destination))
        {
            return lexer.Fail(TooLong);
        }

        length += octets;
        return true;
    }

    private static bool TryParseString(ref ZoneLexer lexer, ZoneToken token, scoped Span<byte> rdata, ref int length)
    {
        if (length >= rdata.Length)
        {
            return lexer.Fail(TooLong);
        }

        Span<byte> value = rdata[(length + 1)..];
        if (!CharacterStringText.TryUnescape(lexer.Slice(token), value[..Math.Min(value.Length, 255)], out int octets, out string? error))
        {
            return lexer.Fail(error!);
        }

        rdata[length] = (byte)octets;
        length += octets + 1;
        return true;
    }

    private static bool TryParseTag(ReadOnlySpan<byte> text, scoped Span<byte> value, out int width)
    {
        width = text.Length + 1;
        if (text.Length is 0 or > 255 || width > value.Length)
        {
            return false;
        }

        foreach (byte c in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)c))
            {
                return false;
            }
        }

        value[0] = (byte)text.Length;
        text.CopyTo(value[1..]);
        return true;
    }

    private static bool TryParseSized(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> rdata, ref int length)
    {
        if (!NumberText.TryParse(text, ushort.MaxValue, out ulong size) || rdata.Length - length < 2)
        {
            return lexer.Fail("the length of the data must stand here, a number up to 65535");
        }

        BinaryPrimitives.WriteUInt16BigEndian(rdata[length..], (ushort)size);
        length += 2;
        if (size == 0)
        {
            return true;
        }

        int start = length;
        return lexer.TryExpect("the data in base64", out ZoneToken token)
            && EncodedText.TryParseBase64Token(ref lexer, token, rdata, ref length)
            && (length - start == (int)size || lexer.Fail($"the data must have {size} octets as its length says, but it has {length - start}"));
    }

    private static bool TryParseSalt(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> rdata, ref int length)
    {
        if (length >= rdata.Length)
        {
            return lexer.Fail(TooLong);
        }

        int start = length++;
        rdata[start] = 0;
        if (text is [(byte)'-'])
        {
            return true;
        }

        if (!EncodedText.TryParseHexToken(ref lexer, text, rdata[..Math.Min(rdata.Length, start + 256)], ref length))
        {
            return false;
        }

        rdata[start] = (byte)(length - start - 1);
        return true;
    }

    private static bool TryParseNsap(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> rdata, ref int length)
    {
        if (text is not [(byte)'0', (byte)'x' or (byte)'X', ..])
        {
            return lexer.Fail("an NSAP address must be 0x and hexadecimal digits");
        }

        // dots between digits are for the eye (RFC 1706 §7)
        Span<byte> digits = stackalloc byte[256];
        int count = 0;
        foreach (byte c in text[2..])
        {
            if (c == '.')
            {
                continue;
            }

            if (count == digits.Length)
            {
                if (!EncodedText.TryParseHexToken(ref lexer, digits, rdata, ref length))
                {
                    return false;
                }

                count = 0;
            }

            digits[count++] = c;
        }

        return EncodedText.TryParseHexToken(ref lexer, digits[..count], rdata, ref length);
    }

    private static bool TryParseEui(ReadOnlySpan<byte> text, scoped Span<byte> value)
    {
        if (text.Length != (value.Length * 3) - 1)
        {
            return false;
        }

        for (int i = 0; i < value.Length; i++)
        {
            int high = AddressText.HexValue(text[i * 3]);
            int low = AddressText.HexValue(text[(i * 3) + 1]);
            if (high < 0 || low < 0 || (i > 0 && text[(i * 3) - 1] != '-'))
            {
                return false;
            }

            value[i] = (byte)((high << 4) | low);
        }

        return true;
    }

    private static bool TryParseNodeId(ReadOnlySpan<byte> text, scoped Span<byte> value)
    {
        int at = 0;
        foreach (Range part in text.Split((byte)':'))
        {
            ReadOnlySpan<byte> digits = text[part];
            if (at == 8 || digits.Length is 0 or > 4)
            {
                return false;
            }

            int group = 0;
            foreach (byte c in digits)
            {
                int digit = AddressText.HexValue(c);
                if (digit < 0)
                {
                    return false;
                }

                group = (group << 4) | digit;
            }

            BinaryPrimitives.WriteUInt16BigEndian(value[at..], (ushort)group);
            at += 2;
        }

        return at == 8;
    }

    private static bool TryParseNumber(RdataFieldKind kind, ReadOnlySpan<byte> text, scoped Span<byte> value)
    {
        ulong max = value.Length switch { 1 => byte.MaxValue, 2 => ushort.MaxValue, 4 => uint.MaxValue, _ => 0xFFFF_FFFF_FFFF };
        ulong number;
        bool read;
        switch (kind)
        {
            case RdataFieldKind.Seconds:
                read = NumberText.TryParseSeconds(text, out uint seconds);
                number = seconds;
                break;
            case RdataFieldKind.Timestamp:
                read = TimestampText.TryParse(text, out uint time);
                number = time;
                break;
            case RdataFieldKind.RecordType or RdataFieldKind.CertificateType or RdataFieldKind.Algorithm or RdataFieldKind.AlgorithmMnemonic or RdataFieldKind.DsyncScheme or RdataFieldKind.TransactionError:
                MnemonicTable table = kind switch
                {
                    RdataFieldKind.RecordType => DnsTypeText.Table,
                    RdataFieldKind.CertificateType => Mnemonics.Certificates,
                    RdataFieldKind.Algorithm or RdataFieldKind.AlgorithmMnemonic => Mnemonics.Algorithms,
                    RdataFieldKind.DsyncScheme => Mnemonics.DsyncSchemes,
                    _ => Mnemonics.TransactionErrors,
                };
                read = table.TryParse(text, out ushort code) && code <= max;
                number = code;
                break;
            default:
                read = NumberText.TryParse(text, max, out number);
                break;
        }

        for (int i = value.Length - 1; i >= 0; i--, number >>= 8)
        {
            value[i] = (byte)number;
        }

        return read;
    }
}
