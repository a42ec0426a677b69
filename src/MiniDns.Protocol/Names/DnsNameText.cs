using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Protocol.Names;

/// <summary>Names in presentation format (RFC 1035 §5.1, RFC 4343 §2.1).</summary>
public static class DnsNameText
{
    /// <summary>The most characters a name can take: 255 octets, nearly all of them written <c>\DDD</c>.</summary>
    public const int MaxChars = 1016;

    /// <summary>Reads a name from text.</summary>
    /// <param name="text">Labels divided by dots; <c>\X</c> is the character X, <c>\DDD</c> the octet of that decimal value.
    /// Characters above U+007F stand for their UTF-8 octets.</param>
    /// <param name="origin">Appended when the text has no final dot.</param>
    /// <param name="wire">Takes the wire form; 255 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong, when the text is not a name.</param>
    public static bool TryParse(ReadOnlySpan<char> text, DnsNameView origin, Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        length = 0;
        if (text.IsEmpty)
        {
            error = "a name must not be empty";
            return false;
        }

        if (text is ".")
        {
            wire[0] = 0;
            length = 1;
            error = null;
            return true;
        }

        Span<byte> scratch = stackalloc byte[4];
        int start = 0;
        int at = 1;
        bool absolute = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '.')
            {
                if (at == start + 1)
                {
                    error = "a label must not be empty";
                    return false;
                }

                wire[start] = (byte)(at - start - 1);
                start = at++;
                absolute = i == text.Length - 1;
                if (start >= DnsNameView.MaxLength)
                {
                    error = "a name must not be longer than 255 octets";
                    return false;
                }

                continue;
            }

            int octets = 1;
            if (c == '\\')
            {
                if (!TryUnescape(text, ref i, out scratch[0]))
                {
                    error = "a backslash must be followed by a character or by three digits up to 255";
                    return false;
                }
            }
            else if (c < 0x80)
            {
                scratch[0] = (byte)c;
            }
            else if (System.Text.Rune.TryGetRuneAt(text.ToString(), i, out System.Text.Rune rune))
            {
                octets = rune.EncodeToUtf8(scratch);
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                error = "a name must not hold half a surrogate pair";
                return false;
            }

            if (at - start - 1 + octets > DnsNameView.MaxLabelLength)
            {
                error = "a label must not be longer than 63 octets";
                return false;
            }

            if (at + octets >= DnsNameView.MaxLength)
            {
                error = "a name must not be longer than 255 octets";
                return false;
            }

            scratch[..octets].CopyTo(wire[at..]);
            at += octets;
        }

        if (absolute)
        {
            wire[start] = 0;
            length = start + 1;
            error = null;
            return true;
        }

        wire[start] = (byte)(at - start - 1);
        if (at + origin.Length > DnsNameView.MaxLength)
        {
            error = "a name must not be longer than 255 octets";
            return false;
        }

        origin.Wire.CopyTo(wire[at..]);
        length = at + origin.Length;
        error = null;
        return true;
    }

    /// <summary>Writes a name as text, with the final dot.</summary>
    public static string Format(DnsNameView name)
    {
        Span<char> text = stackalloc char[MaxChars];
        return new string(text[..Format(name, text)]);
    }

    /// <summary>Writes a name as text, with the final dot.</summary>
    /// <param name="name">The name.</param>
    /// <param name="text">At least <see cref="MaxChars"/> characters.</param>
    /// <returns>The characters written.</returns>
    public static int Format(DnsNameView name, Span<char> text)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        if (wire.Length <= 1)
        {
            text[0] = '.';
            return 1;
        }

        int length = 0;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                length += FormatOctet(octet, text[length..]);
            }

            text[length++] = '.';
        }

        return length;
    }

    private static int FormatOctet(byte octet, Span<char> text)
    {
        switch (octet)
        {
            case (byte)'.' or (byte)'\\' or (byte)'"' or (byte)'(' or (byte)')' or (byte)';' or (byte)'@' or (byte)'$':
                text[0] = '\\';
                text[1] = (char)octet;
                return 2;
            case > 0x20 and < 0x7F:
                text[0] = (char)octet;
                return 1;
            default:
                text[0] = '\\';
                text[1] = (char)('0' + (octet / 100));
                text[2] = (char)('0' + (octet / 10 % 10));
                text[3] = (char)('0' + (octet % 10));
                return 4;
        }
    }

    private static bool TryUnescape(ReadOnlySpan<char> text, ref int at, out byte octet)
    {
        octet = 0;
        if (at + 1 >= text.Length)
        {
            return false;
        }

        char next = text[at + 1];
        if (!char.IsAsciiDigit(next))
        {
            octet = (byte)next;
            at++;
            return next < 0x80;
        }

        if (at + 3 >= text.Length || !char.IsAsciiDigit(text[at + 2]) || !char.IsAsciiDigit(text[at + 3]))
        {
            return false;
        }

        int value = ((next - '0') * 100) + ((text[at + 2] - '0') * 10) + (text[at + 3] - '0');
        octet = (byte)value;
        at += 3;
        return value <= 255;
    }
}
