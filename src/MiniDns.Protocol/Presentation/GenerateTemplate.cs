namespace MiniDns.Protocol.Presentation;

/// <summary>One side of a <c>$GENERATE</c> directive: text in which <c>$</c> and <c>${offset,width,base}</c> stand for the number.</summary>
internal static class GenerateTemplate
{
    private const int MaxWidth = 255;
    private const string Form = "a substitution must be $ or ${offset[,width[,base]]} with a width up to 255 and a base of d, o, x, X, n or N";

    /// <summary>Writes the text for one number.</summary>
    /// <param name="template">The template; <c>\$</c> and <c>$$</c> stand for a dollar sign, other escapes stay as they are.</param>
    /// <param name="number">The number.</param>
    /// <param name="text">Takes the text; its <see cref="PresentationWriter.Overflowed"/> tells when it was too short.</param>
    /// <param name="error">What is wrong with the template.</param>
    internal static bool TryExpand(ReadOnlySpan<byte> template, int number, ref PresentationWriter text, out string? error)
    {
        error = null;
        for (int i = 0; i < template.Length; i++)
        {
            byte c = template[i];
            bool more = i + 1 < template.Length;
            if (c == '\\' && more)
            {
                if (template[i + 1] != '$')
                {
                    text.Append(c);
                }

                text.Append(template[++i]);
            }
            else if (c != '$')
            {
                text.Append(c);
            }
            else if (more && template[i + 1] == '$')
            {
                text.Append(template[++i]);
            }
            else if (more && template[i + 1] == '{')
            {
                int end = template[i..].IndexOf((byte)'}');
                if (end < 0 || !TryExpandModifier(template.Slice(i + 2, end - 2), number, ref text))
                {
                    error = Form;
                    return false;
                }

                i += end;
            }
            else
            {
                text.AppendNumber(number);
            }
        }

        return true;
    }

    private static bool TryExpandModifier(scoped ReadOnlySpan<byte> modifier, int number, ref PresentationWriter text)
    {
        long offset = 0;
        ulong width = 0;
        byte mode = (byte)'d';
        int count = 0;
        foreach (Range range in modifier.Split((byte)','))
        {
            ReadOnlySpan<byte> part = modifier[range];
            bool read = count++ switch
            {
                0 => TryParseOffset(part, out offset),
                1 => NumberText.TryParse(part, MaxWidth, out width),
                2 => part.Length == 1,
                _ => false,
            };
            if (!read)
            {
                return false;
            }

            mode = count == 3 ? part[0] : mode;
        }

        long value = number + offset;
        switch (mode)
        {
            case (byte)'d':
                FormatDecimal(value, (int)width, ref text);
                return true;
            case (byte)'o':
                FormatPowerOfTwo((uint)value, 3, (int)width, "01234567"u8, ref text);
                return true;
            case (byte)'x':
                FormatPowerOfTwo((uint)value, 4, (int)width, "0123456789abcdef"u8, ref text);
                return true;
            case (byte)'X':
                FormatPowerOfTwo((uint)value, 4, (int)width, "0123456789ABCDEF"u8, ref text);
                return true;
            case (byte)'n':
                FormatNibbles((uint)value, (int)width, "0123456789abcdef"u8, ref text);
                return true;
            case (byte)'N':
                FormatNibbles((uint)value, (int)width, "0123456789ABCDEF"u8, ref text);
                return true;
            default:
                return false;
        }
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out long offset)
    {
        bool negative = text is [(byte)'-', ..];
        bool read = NumberText.TryParse(text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text, int.MaxValue, out ulong value);
        offset = negative ? -(long)value : (long)value;
        return read;
    }

    /// <summary>As printf's <c>%0*d</c>: the sign counts toward the width.</summary>
    private static void FormatDecimal(long value, int width, ref PresentationWriter text)
    {
        if (value < 0)
        {
            text.Append((byte)'-');
            value = -value;
            width--;
        }

        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10)
        {
            digits++;
        }

        for (; digits < width; width--)
        {
            text.Append((byte)'0');
        }

        text.AppendNumber(value);
    }

    private static void FormatPowerOfTwo(uint value, int bits, int width, scoped ReadOnlySpan<byte> digits, ref PresentationWriter text)
    {
        int count = 1;
        while (count * bits < 32 && value >> (count * bits) != 0)
        {
            count++;
        }

        for (; count < width; width--)
        {
            text.Append((byte)'0');
        }

        for (int i = count - 1; i >= 0; i--)
        {
            text.Append(digits[(int)(value >> (i * bits)) & ((1 << bits) - 1)]);
        }
    }

    /// <summary>Hexadecimal digits from the least significant one on, with dots between them; the dots count toward the width.</summary>
    private static void FormatNibbles(uint value, int width, scoped ReadOnlySpan<byte> digits, ref PresentationWriter text)
    {
        while (true)
        {
            text.Append(digits[(int)(value & 0xF)]);
            value >>= 4;
            width--;
            if (value == 0 && width <= 0)
            {
                return;
            }

            text.Append((byte)'.');
            width--;
            if (value == 0 && width <= 0)
            {
                return;
            }
        }
    }
}
