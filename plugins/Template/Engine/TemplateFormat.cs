using System.Globalization;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>Writes values as Go's fmt does: <c>print</c>'s way (<c>%v</c>) and by a format text.</summary>
internal static class TemplateFormat
{
    /// <summary>The largest width or precision that a format may ask for.</summary>
    private const int MaxWidth = 1000;

    private const int MaxDepth = 8;

    /// <summary>Writes a value by default.</summary>
    /// <returns>False when it cannot be printed.</returns>
    public static bool TryPrint(in TemplateValue value, TemplateText text) => TryPrint(value, text, 0);

    /// <summary>Writes values by a format text: <c>%v %s %q %d %b %o %x %X %c %t %e %f %g %%</c> with flags, width and precision. What does
    /// not fit together is complained about in the output, as in Go.</summary>
    public static void Format(string format, ReadOnlySpan<TemplateValue> arguments, TemplateText text)
    {
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            int percent = format.IndexOf('%', i);
            if (percent < 0)
            {
                text.Append(format.AsSpan(i));
                break;
            }

            text.Append(format.AsSpan(i, percent - i));
            i = percent + 1;
            Verb verb = ReadVerb(format, ref i);
            if (i >= format.Length)
            {
                text.Append("%!(NOVERB)");
                break;
            }

            if (format[i] == '%')
            {
                text.Append('%');
            }
            else if (next >= arguments.Length)
            {
                text.Append("%!");
                text.Append(format[i]);
                text.Append("(MISSING)");
            }
            else
            {
                Write(verb with { Letter = format[i] }, arguments[next++], text);
            }
        }

        if (next < arguments.Length)
        {
            text.Append("%!(EXTRA ");
            for (int i = next; i < arguments.Length; i++)
            {
                text.Append(i > next ? ", " : "");
                text.Append(arguments[i].TypeName);
                text.Append('=');
                TryPrint(arguments[i], text);
            }

            text.Append(')');
        }
    }

    private static bool TryPrint(in TemplateValue value, TemplateText text, int depth)
    {
        switch (value.Kind)
        {
            case TemplateKind.String:
                text.Append(value.Text);
                return true;
            case TemplateKind.Int:
                text.Append(value.Int, default);
                return true;
            case TemplateKind.Uint:
                text.Append(value.Uint, default);
                return true;
            case TemplateKind.Bool:
                text.Append(value.Bool ? "true" : "false");
                return true;
            case TemplateKind.Float:
                text.Append(FloatText(value.Float, 'g', -1));
                return true;
            case TemplateKind.Nil:
                text.Append("<nil>");
                return true;
            case TemplateKind.Missing:
                text.Append("<no value>");
                return true;
            case TemplateKind.Object:
                text.Append(value.Object.Print() ?? "");
                return value.Object.Print() is not null;
            case TemplateKind.List when depth < MaxDepth:
                text.Append('[');
                for (int i = 0; i < value.List.Count; i++)
                {
                    text.Append(i > 0 ? " " : "");
                    if (!TryPrint(value.List[i], text, depth + 1))
                    {
                        return false;
                    }
                }

                text.Append(']');
                return true;
            case TemplateKind.Map when depth < MaxDepth:
                return TryPrintMap(value.Map, text, depth);
            default:
                return false;
        }
    }

    private static bool TryPrintMap(TemplateMap map, TemplateText text, int depth)
    {
        text.Append("map[");
        bool first = true;
        foreach (string key in map.Keys)
        {
            text.Append(first ? "" : " ");
            first = false;
            text.Append(key);
            text.Append(':');
            map.TryGet(key, out TemplateValue item);
            if (!TryPrint(item, text, depth + 1))
            {
                return false;
            }
        }

        text.Append(']');
        return true;
    }

    private static Verb ReadVerb(string format, ref int at)
    {
        var verb = default(Verb);
        for (; at < format.Length; at++)
        {
            switch (format[at])
            {
                case '-':
                    verb = verb with { IsLeft = true };
                    continue;
                case '0':
                    verb = verb with { HasZeros = true };
                    continue;
                case '+':
                    verb = verb with { HasPlus = true };
                    continue;
                case ' ':
                    verb = verb with { HasSpace = true };
                    continue;
                case '#':
                    verb = verb with { HasPrefix = true };
                    continue;
            }

            break;
        }

        verb = verb with { Width = ReadNumber(format, ref at), Precision = -1 };
        if (at < format.Length && format[at] == '.')
        {
            at++;
            verb = verb with { Precision = ReadNumber(format, ref at) };
        }

        return verb;
    }

    private static int ReadNumber(string format, ref int at)
    {
        int number = 0;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            number = Math.Min(MaxWidth, (number * 10) + (format[at++] - '0'));
        }

        return number;
    }

    private static void Write(Verb verb, in TemplateValue value, TemplateText text)
    {
        string? body = (value.Kind, verb.Letter) switch
        {
            (TemplateKind.Int, 'd' or 'v') => Whole(verb, value.Int, 10),
            (TemplateKind.Int, 'x' or 'X') => Whole(verb, value.Int, 16),
            (TemplateKind.Int, 'o') => Whole(verb, value.Int, 8),
            (TemplateKind.Int, 'b') => Whole(verb, value.Int, 2),
            (TemplateKind.Uint, 'd' or 'v') => Whole(verb, value.Uint, 10),
            (TemplateKind.Uint, 'x' or 'X') => Whole(verb, value.Uint, 16),
            (TemplateKind.Uint, 'o') => Whole(verb, value.Uint, 8),
            (TemplateKind.Uint, 'b') => Whole(verb, value.Uint, 2),
            (TemplateKind.Int or TemplateKind.Uint, 'c') => System.Text.Rune.TryCreate((uint)Math.Clamp(value.Int, 0, 0x110000), out System.Text.Rune rune) ? rune.ToString() : "\uFFFD",
            (TemplateKind.String, 's' or 'v') => Cut(value.Text, verb.Precision),
            (TemplateKind.String, 'q') => Quote(Cut(value.Text, verb.Precision)),
            (TemplateKind.String, 'x' or 'X') => Hex(verb, value.Text),
            (TemplateKind.Bool, 't' or 'v') => value.Bool ? "true" : "false",
            (TemplateKind.Float, 'v') => FloatText(value.Float, 'g', verb.Precision),
            (TemplateKind.Float, 'e' or 'f' or 'g' or 'F') => FloatText(value.Float, char.ToLowerInvariant(verb.Letter), verb.Letter == 'g' ? verb.Precision : verb.Precision < 0 ? 6 : verb.Precision),
            (TemplateKind.List or TemplateKind.Map or TemplateKind.Object or TemplateKind.Nil or TemplateKind.Missing, 'v' or 's') => Default(value),
            _ => null,
        };
        if (body is null)
        {
            text.Append("%!");
            text.Append(verb.Letter);
            text.Append('(');
            text.Append(value.TypeName);
            text.Append('=');
            TryPrint(value, text);
            text.Append(')');
            return;
        }

        bool isNumber = value.Kind is TemplateKind.Int or TemplateKind.Uint or TemplateKind.Float && verb.Letter != 'c';
        if (isNumber && !body.StartsWith('-') && (verb.HasPlus || verb.HasSpace))
        {
            body = (verb.HasPlus ? "+" : " ") + body;
        }

        int missing = verb.Width - new StringInfo(body).LengthInTextElements;
        if (missing <= 0)
        {
            text.Append(body);
        }
        else if (verb.IsLeft)
        {
            text.Append(body);
            text.Append(' ', missing);
        }
        else if (verb.HasZeros && (!isNumber || verb.Precision < 0 || value.Kind == TemplateKind.Float))
        {
            int sign = isNumber && body[0] is '-' or '+' or ' ' ? 1 : 0;
            text.Append(body.AsSpan(0, sign));
            text.Append('0', missing);
            text.Append(body.AsSpan(sign));
        }
        else
        {
            text.Append(' ', missing);
            text.Append(body);
        }
    }

    private static string Default(in TemplateValue value)
    {
        var text = new TemplateText(TemplateRun.MaxOutput);
        TryPrint(value, text);
        return text.Span.ToString();
    }

    private static string Whole(in Verb verb, Int128 number, int radix)
    {
        UInt128 left = (UInt128)Int128.Abs(number);
        Span<char> digits = stackalloc char[70];
        int at = digits.Length;
        const string Lower = "0123456789abcdef";
        do
        {
            char digit = Lower[(int)(left % (uint)radix)];
            digits[--at] = verb.Letter == 'X' ? char.ToUpperInvariant(digit) : digit;
            left /= (uint)radix;
        }
        while (left != 0);

        string prefix = !verb.HasPrefix ? "" : (radix, verb.Letter) switch
        {
            (16, 'X') => "0X",
            (16, _) => "0x",
            (8, _) => "0",
            (2, _) => "0b",
            _ => "",
        };
        string body = digits[at..].ToString();
        return (number < 0 ? "-" : "") + prefix + (verb.Precision > body.Length ? body.PadLeft(verb.Precision, '0') : body);
    }

    private static string Cut(string text, int precision)
    {
        if (precision < 0 || precision >= text.Length)
        {
            return text;
        }

        return char.IsHighSurrogate(text, Math.Max(precision - 1, 0)) && precision > 0 ? text[..(precision - 1)] : text[..precision];
    }

    private static string Hex(in Verb verb, string text)
    {
        byte[] octets = System.Text.Encoding.UTF8.GetBytes(text);
        return verb.Letter == 'X' ? Convert.ToHexString(octets) : Convert.ToHexStringLower(octets);
    }

    private static string Quote(string text)
    {
        var quoted = new System.Text.StringBuilder("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\x7f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A number with a fraction as Go writes it: an exponent has at least two digits.</summary>
    private static string FloatText(double number, char letter, int precision)
    {
        if (double.IsNaN(number))
        {
            return "NaN";
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? "+Inf" : "-Inf";
        }

        if (letter == 'f')
        {
            return number.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        if (letter == 'e')
        {
            return number.ToString((precision == 0 ? "0" : "0." + new string('0', precision)) + "e+00", CultureInfo.InvariantCulture);
        }

        int exponent = number == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(number)));
        int most = precision < 0 ? 21 : Math.Max(precision, 1);
        string digits = precision < 0 ? number.ToString("R", CultureInfo.InvariantCulture) : number.ToString("G" + most.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < most)
        {
            return digits.Contains('E', StringComparison.Ordinal) ? number.ToString("0.#################", CultureInfo.InvariantCulture) : digits;
        }

        return number.ToString("0.################e+00", CultureInfo.InvariantCulture);
    }

    private readonly record struct Verb(char Letter, bool IsLeft, bool HasZeros, bool HasPlus, bool HasSpace, bool HasPrefix, int Width, int Precision);
}
