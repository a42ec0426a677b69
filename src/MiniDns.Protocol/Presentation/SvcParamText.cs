using System.Buffers.Binary;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>SVCB parameters as text (RFC 9460 §2.1, appendix A).</summary>
internal static class SvcParamText
{
    private const string TooLong = "rdata must not be longer than 65535 octets";

    /// <summary>Writes well-formed parameters, each after a blank.</summary>
    internal static void Format(scoped ReadOnlySpan<byte> parameters, ref PresentationWriter text)
    {
        while (SvcParamWire.TryNext(ref parameters, out int key, out ReadOnlySpan<byte> value))
        {
            text.Append((byte)' ');
            text.AppendMnemonic(Mnemonics.SvcParamKeys, (ushort)key);
            if (value.IsEmpty)
            {
                continue;
            }

            text.Append((byte)'=');
            FormatValue((SvcParamKey)key, value, ref text);
        }
    }

    /// <summary>Reads parameters, in any order, to the end of the entry, and puts them in the order of their keys.</summary>
    internal static bool TryParse(ref ZoneLexer lexer, scoped Span<byte> rdata, ref int length)
    {
        int start = length;
        while (lexer.TryNext(keyValue: true, out ZoneToken token))
        {
            ReadOnlySpan<byte> text = lexer.Slice(token);
            int equals = text.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? text : text[..equals];
            ReadOnlySpan<byte> value = equals < 0 ? default : text[(equals + 1)..];
            if (token.IsQuoted || !Mnemonics.SvcParamKeys.TryParse(name, out ushort key) || key == ushort.MaxValue)
            {
                return lexer.Fail("a parameter must be a key such as alpn, port, ipv4hint or key123, and its value after =");
            }

            if (value is [(byte)'"', .., (byte)'"'])
            {
                value = value[1..^1];
            }

            if (rdata.Length - length < 4)
            {
                return lexer.Fail(TooLong);
            }

            if (!TryParseValue((SvcParamKey)key, value, rdata[(length + 4)..], out int octets, out string? error))
            {
                return lexer.Fail(error);
            }

            BinaryPrimitives.WriteUInt16BigEndian(rdata[length..], key);
            BinaryPrimitives.WriteUInt16BigEndian(rdata[(length + 2)..], (ushort)octets);
            if (!TryInsert(rdata[start..(length + 4 + octets)], length - start))
            {
                return lexer.Fail("a key must not stand twice");
            }

            length += 4 + octets;
        }

        return lexer.Error is null
            && (SvcParamWire.IsWellFormed(rdata[start..length])
                || lexer.Fail("the keys that mandatory lists must be there, and no-default-alpn needs alpn"));
    }

    /// <summary>Moves the parameter at the end to its place among the ordered ones before it.</summary>
    private static bool TryInsert(Span<byte> parameters, int last)
    {
        int key = BinaryPrimitives.ReadUInt16BigEndian(parameters[last..]);
        int at = 0;
        while (at < last)
        {
            int other = BinaryPrimitives.ReadUInt16BigEndian(parameters[at..]);
            if (other == key)
            {
                return false;
            }

            if (other > key)
            {
                break;
            }

            at += 4 + BinaryPrimitives.ReadUInt16BigEndian(parameters[(at + 2)..]);
        }

        // a rotation by three reversals
        parameters[at..last].Reverse();
        parameters[last..].Reverse();
        parameters[at..].Reverse();
        return true;
    }

    private static void FormatValue(SvcParamKey key, scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        switch (key)
        {
            case SvcParamKey.Mandatory:
                for (int i = 0; i < value.Length; i += 2)
                {
                    AppendComma(i, ref text);
                    text.AppendMnemonic(Mnemonics.SvcParamKeys, BinaryPrimitives.ReadUInt16BigEndian(value[i..]));
                }

                break;
            case SvcParamKey.Port:
                text.AppendNumber(BinaryPrimitives.ReadUInt16BigEndian(value));
                break;
            case SvcParamKey.TlsSupportedGroups:
                for (int i = 0; i < value.Length; i += 2)
                {
                    AppendComma(i, ref text);
                    text.AppendNumber(BinaryPrimitives.ReadUInt16BigEndian(value[i..]));
                }

                break;
            case SvcParamKey.IPv4Hint:
                for (int i = 0; i < value.Length; i += 4)
                {
                    AppendComma(i, ref text);
                    AddressText.FormatIPv4(value[i..], ref text);
                }

                break;
            case SvcParamKey.IPv6Hint:
                for (int i = 0; i < value.Length; i += 16)
                {
                    AppendComma(i, ref text);
                    AddressText.FormatIPv6(value.Slice(i, 16), ref text);
                }

                break;
            case SvcParamKey.EncryptedClientHello:
                text.AppendBase64(value);
                break;
            case SvcParamKey.Alpn:
                FormatProtocols(value, ref text);
                break;
            default:
                text.AppendQuoted(value);
                break;
        }
    }

    private static void AppendComma(int index, ref PresentationWriter text)
    {
        if (index > 0)
        {
            text.Append((byte)',');
        }
    }

    private static void FormatProtocols(scoped ReadOnlySpan<byte> value, ref PresentationWriter text)
    {
        text.Append((byte)'"');
        for (bool first = true; !value.IsEmpty; first = false)
        {
            AppendComma(first ? 0 : 1, ref text);
            foreach (byte octet in value.Slice(1, value[0]))
            {
                // escaped as a list's item first, then as a character string (RFC 9460 appendix A.1)
                if (octet is (byte)',' or (byte)'\\')
                {
                    text.Append("\\\\"u8);
                }

                text.AppendEscaped(octet);
            }

            value = value[(value[0] + 1)..];
        }

        text.Append((byte)'"');
    }

    private static bool TryParseValue(SvcParamKey key, ReadOnlySpan<byte> text, scoped Span<byte> value, out int length, out string error)
    {
        length = 0;
        switch (key)
        {
            case SvcParamKey.Mandatory:
                error = "mandatory must be a list of keys other than itself, each once, such as alpn,ipv4hint";
                return TryParseKeys(text, value, out length);
            case SvcParamKey.NoDefaultAlpn or SvcParamKey.Ohttp:
                error = "this key must not have a value";
                return text.IsEmpty;
            case SvcParamKey.Port:
                error = "port must be a number up to 65535";
                return TryParseNumbers(text, value, out length) && length == 2;
            case SvcParamKey.TlsSupportedGroups:
                error = "tls-supported-groups must be numbers up to 65535 divided by commas";
                return TryParseNumbers(text, value, out length);
            case SvcParamKey.IPv4Hint:
                error = "ipv4hint must be IPv4 addresses divided by commas";
                return TryParseAddresses(text, value, 4, out length);
            case SvcParamKey.IPv6Hint:
                error = "ipv6hint must be IPv6 addresses divided by commas";
                return TryParseAddresses(text, value, 16, out length);
            case SvcParamKey.EncryptedClientHello:
                error = "ech must be base64";
                return System.Buffers.Text.Base64.DecodeFromUtf8(text, value, out _, out length) == System.Buffers.OperationStatus.Done && length > 0;
            case SvcParamKey.Alpn:
                error = "alpn must be protocols of 1 to 255 octets divided by commas, such as h2,h3";
                return TryParseProtocols(text, value, out length);
            default:
                bool read = CharacterStringText.TryUnescape(text, value, out length, out string? unescapeError);
                error = read ? "dohpath must have a value" : unescapeError!;
                return read && SvcParamWire.IsValue(key, value[..length]);
        }
    }

    private static bool TryParseKeys(ReadOnlySpan<byte> text, scoped Span<byte> value, out int length)
    {
        length = 0;
        foreach (Range part in text.Split((byte)','))
        {
            if (!Mnemonics.SvcParamKeys.TryParse(text[part], out ushort key) || value.Length - length < 2)
            {
                return false;
            }

            // kept in order as they come; few, so insertion is as good as any sort
            int at = length;
            for (; at > 0 && BinaryPrimitives.ReadUInt16BigEndian(value[(at - 2)..]) > key; at -= 2)
            {
                value.Slice(at - 2, 2).CopyTo(value[at..]);
            }

            BinaryPrimitives.WriteUInt16BigEndian(value[at..], key);
            length += 2;
        }

        return SvcParamWire.IsValue(SvcParamKey.Mandatory, value[..length]);
    }

    private static bool TryParseNumbers(ReadOnlySpan<byte> text, scoped Span<byte> value, out int length)
    {
        length = 0;
        foreach (Range part in text.Split((byte)','))
        {
            if (!NumberText.TryParse(text[part], ushort.MaxValue, out ulong number) || value.Length - length < 2)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(value[length..], (ushort)number);
            length += 2;
        }

        return true;
    }

    private static bool TryParseAddresses(ReadOnlySpan<byte> text, scoped Span<byte> value, int width, out int length)
    {
        length = 0;
        foreach (Range part in text.Split((byte)','))
        {
            if (value.Length - length < width
                || !(width == 4
                    ? AddressText.TryParseIPv4(text[part], value.Slice(length, 4))
                    : AddressText.TryParseIPv6(text[part], value.Slice(length, 16))))
            {
                return false;
            }

            length += width;
        }

        return true;
    }

    private static bool TryParseProtocols(ReadOnlySpan<byte> text, scoped Span<byte> value, out int length)
    {
        // resolving the character string's escapes first leaves the list's own, which are a backslash before , or \
        length = 0;
        byte[] resolved = new byte[text.Length];
        if (!CharacterStringText.TryUnescape(text, resolved, out int count, out _))
        {
            return false;
        }

        int start = 0;          // where the present protocol's length octet goes
        int at = 1;
        for (int i = 0; i < count; i++)
        {
            byte octet = resolved[i];
            if (octet == ',')
            {
                if (!TryEnd(value, start, at))
                {
                    return false;
                }

                start = at++;
                continue;
            }

            if (octet == '\\')
            {
                if (++i == count || resolved[i] is not ((byte)',' or (byte)'\\'))
                {
                    return false;
                }

                octet = resolved[i];
            }

            if (at >= value.Length)
            {
                return false;
            }

            value[at++] = octet;
        }

        length = at;
        return TryEnd(value, start, at);

        static bool TryEnd(Span<byte> value, int start, int at)
        {
            int octets = at - start - 1;
            if (octets is 0 or > 255 || start >= value.Length)
            {
                return false;
            }

            value[start] = (byte)octets;
            return true;
        }
    }
}
