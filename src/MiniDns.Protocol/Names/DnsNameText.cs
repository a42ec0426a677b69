using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace MiniDns.Protocol.Names;

/// <summary>Names in presentation format (RFC 1035 §5.1, RFC 4343 §2.1).</summary>
public static class DnsNameText
{
    /// <summary>The most characters a name can take: 255 octets, nearly all of them written <c>\DDD</c>.</summary>
    public const int MaxChars = 1016;

    private const string NameTooLong = "a name must not be longer than 255 octets";
    private const string LabelTooLong = "a label must not be longer than 63 octets";

    /// <summary>Reads a name from text.</summary>
    /// <param name="text">Labels divided by dots; <c>\X</c> is the character X, <c>\DDD</c> the octet of that decimal value.
    /// Characters above U+007F stand for their UTF-8 octets.</param>
    /// <param name="origin">Appended when the text has no final dot.</param>
    /// <param name="wire">Takes the wire form; 255 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong, when the text is not a name.</param>
    public static bool TryParse(ReadOnlySpan<char> text, DnsNameView origin, Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        Span<byte> octets = stackalloc byte[MaxChars];
        length = 0;
        System.Buffers.OperationStatus status = Utf8.FromUtf16(text, octets, out _, out int count, replaceInvalidSequences: false);
        if (status == System.Buffers.OperationStatus.Done)
        {
            return TryParse(octets[..count], origin, wire, out length, out error);
        }

        error = status == System.Buffers.OperationStatus.DestinationTooSmall ? NameTooLong : "a name must not hold half a surrogate pair";
        return false;
    }

    /// <summary>Reads a name that is written without escapes, as lists of many names have them, into lower case.</summary>
    /// <param name="text">Labels divided by dots, without a final one; every octet stands for itself.</param>
    /// <param name="wire">Takes the wire form; 255 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong, when the text is not a name.</param>
    public static bool TryParsePlain(ReadOnlySpan<byte> text, Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        length = 0;
        if (text.Length > DnsNameView.MaxLength - 2)
        {
            error = NameTooLong;
            return false;
        }

        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] != (byte)'.')
            {
                byte octet = text[i];
                wire[i + 1] = (uint)(octet - 'A') <= 'Z' - 'A' ? (byte)(octet | 0x20) : octet;
                continue;
            }

            if (!TryEndLabel(wire, start, i + 1, out error))
            {
                return false;
            }

            start = i + 1;
        }

        wire[start] = 0;
        length = start + 1;
        error = null;
        return true;
    }

    /// <summary>Reads a name from UTF-8 text.</summary>
    /// <param name="text">Labels divided by dots; <c>\X</c> is the octet X, <c>\DDD</c> the octet of that decimal value.</param>
    /// <param name="origin">Appended when the text has no final dot.</param>
    /// <param name="wire">Takes the wire form; 255 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong, when the text is not a name.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, DnsNameView origin, Span<byte> wire, out int length, [NotNullWhen(false)] out string? error)
    {
        length = 0;
        if (text.IsEmpty)
        {
            error = "a name must not be empty";
            return false;
        }

        if (text is [(byte)'.'])
        {
            wire[0] = 0;
            length = 1;
            error = null;
            return true;
        }

        int start = 0;              // where the present label's length octet goes
        int at = 1;
        for (int i = 0; i < text.Length; i++)
        {
            byte octet = text[i];
            if (octet == '.')
            {
                if (!TryEndLabel(wire, start, at, out error))
                {
                    return false;
                }

                start = at++;
                continue;
            }

            if (octet == '\\' && !TryUnescape(text, ref i, out octet))
            {
                error = "a backslash must be followed by a character or by three digits up to 255";
                return false;
            }

            if (at >= DnsNameView.MaxLength - 1)
            {
                error = at - start > DnsNameView.MaxLabelLength ? LabelTooLong : NameTooLong;
                return false;
            }

            wire[at++] = octet;
        }

        if (at == start + 1)        // the text ended in a dot
        {
            wire[start] = 0;
            length = at;
            error = null;
            return true;
        }

        if (!TryEndLabel(wire, start, at, out error))
        {
            return false;
        }

        if (at + origin.Length > DnsNameView.MaxLength)
        {
            error = NameTooLong;
            return false;
        }

        origin.Wire.CopyTo(wire[at..]);
        length = at + origin.Length;
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
        Span<byte> octets = stackalloc byte[MaxChars];
        int length = Format(name, octets);
        return Encoding.ASCII.GetChars(octets[..length], text);
    }

    /// <summary>Writes a name as text, with the final dot; the text is ASCII.</summary>
    /// <param name="name">The name.</param>
    /// <param name="text">At least <see cref="MaxChars"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int Format(DnsNameView name, Span<byte> text)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        if (wire.Length <= 1)
        {
            text[0] = (byte)'.';
            return 1;
        }

        int length = 0;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                if (octet is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-')
                {
                    text[length++] = octet;
                }
                else
                {
                    length += FormatOctet(octet, text[length..]);
                }
            }

            text[length++] = (byte)'.';
        }

        return length;
    }

    /// <summary>Reads the escape that starts with the backslash at <paramref name="at"/>, and moves to its last character.</summary>
    internal static bool TryUnescape(ReadOnlySpan<byte> text, ref int at, out byte octet)
    {
        octet = 0;
        if (at + 1 >= text.Length)
        {
            return false;
        }

        byte next = text[at + 1];
        if (!char.IsAsciiDigit((char)next))
        {
            octet = next;
            at++;
            return true;
        }

        if (at + 3 >= text.Length || !char.IsAsciiDigit((char)text[at + 2]) || !char.IsAsciiDigit((char)text[at + 3]))
        {
            return false;
        }

        int value = ((next - '0') * 100) + ((text[at + 2] - '0') * 10) + (text[at + 3] - '0');
        octet = (byte)value;
        at += 3;
        return value <= 255;
    }

    private static bool TryEndLabel(Span<byte> wire, int start, int at, [NotNullWhen(false)] out string? error)
    {
        int octets = at - start - 1;
        error = octets switch
        {
            0 => "a label must not be empty",
            > DnsNameView.MaxLabelLength => LabelTooLong,
            _ => at >= DnsNameView.MaxLength ? NameTooLong : null,
        };
        if (error is not null)
        {
            return false;
        }

        wire[start] = (byte)octets;
        return true;
    }

    private static int FormatOctet(byte octet, Span<byte> text)
    {
        switch (octet)
        {
            case (byte)'.' or (byte)'\\' or (byte)'"' or (byte)'(' or (byte)')' or (byte)';' or (byte)'@' or (byte)'$':
                text[0] = (byte)'\\';
                text[1] = octet;
                return 2;
            case > 0x20 and < 0x7F:
                text[0] = octet;
                return 1;
            default:
                text[0] = (byte)'\\';
                text[1] = (byte)('0' + (octet / 100));
                text[2] = (byte)('0' + (octet / 10 % 10));
                text[3] = (byte)('0' + (octet % 10));
                return 4;
        }
    }
}
