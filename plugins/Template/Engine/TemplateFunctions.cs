using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>The functions of Go's text/template that zones need, and <c>parseInt</c>.</summary>
internal static class TemplateFunctions
{
    private static readonly TemplateFunction[] Functions =
    [
        new("eq", 2, int.MaxValue, Equal),
        new("ge", 2, 2, static (TemplateRun _, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Order(a, static c => c >= 0, out v)),
        new("gt", 2, 2, static (TemplateRun _, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Order(a, static c => c > 0, out v)),
        new("index", 1, int.MaxValue, Index),
        new("le", 2, 2, static (TemplateRun _, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Order(a, static c => c <= 0, out v)),
        new("len", 1, 1, Length),
        new("lt", 2, 2, static (TemplateRun _, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Order(a, static c => c < 0, out v)),
        new("ne", 2, 2, NotEqual),
        new("not", 1, 1, Not),
        new("parseInt", 3, 3, ParseInt),
        new("print", 0, int.MaxValue, static (TemplateRun run, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Print(run, a, isLine: false, out v)),
        new("printf", 1, int.MaxValue, PrintFormatted),
        new("println", 0, int.MaxValue, static (TemplateRun run, ReadOnlySpan<TemplateValue> a, out TemplateValue v) => Print(run, a, isLine: true, out v)),
        new("slice", 1, 3, Slice),
    ];

    /// <summary>The names of all functions, those of <c>and</c> and <c>or</c> with them.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Functions.Select(f => f.Name), "and", "or"];

    /// <summary>Finds a function.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out TemplateFunction? function)
    {
        function = Array.Find(Functions, f => f.Name == name);
        return function is not null;
    }

    private static string? Not(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        value = TemplateValue.From(!arguments[0].IsTrue);
        return null;
    }

    private static string? Equal(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        foreach (TemplateValue other in arguments[1..])
        {
            if (Compare(arguments[0], other, out bool isEqual) is { } error)
            {
                value = default;
                return error;
            }

            if (isEqual)
            {
                value = TemplateValue.From(true);
                return null;
            }
        }

        value = TemplateValue.From(false);
        return null;
    }

    private static string? NotEqual(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        string? error = Compare(arguments[0], arguments[1], out bool isEqual);
        value = TemplateValue.From(!isEqual);
        return error;
    }

    private static string? Compare(in TemplateValue left, in TemplateValue right, out bool isEqual)
    {
        bool leftIsNothing = left.Kind is TemplateKind.Missing or TemplateKind.Nil;
        bool rightIsNothing = right.Kind is TemplateKind.Missing or TemplateKind.Nil;
        isEqual = leftIsNothing && rightIsNothing;
        if (leftIsNothing || rightIsNothing)
        {
            return null;
        }

        switch (left.Kind, right.Kind)
        {
            case (TemplateKind.Int, TemplateKind.Uint):
                isEqual = left.Int >= 0 && (ulong)left.Int == right.Uint;
                return null;
            case (TemplateKind.Uint, TemplateKind.Int):
                isEqual = right.Int >= 0 && (ulong)right.Int == left.Uint;
                return null;
        }

        if (left.Kind != right.Kind)
        {
            return $"a value of type {left.TypeName} cannot be compared with one of type {right.TypeName}";
        }

        switch (left.Kind)
        {
            case TemplateKind.Bool or TemplateKind.Int or TemplateKind.Uint:
                isEqual = left.Int == right.Int;
                return null;
            case TemplateKind.Float:
                isEqual = left.Float == right.Float;
                return null;
            case TemplateKind.String:
                isEqual = left.Text == right.Text;
                return null;
            default:
                return $"values of type {left.TypeName} cannot be compared";
        }
    }

    private static string? Order(ReadOnlySpan<TemplateValue> arguments, Func<int, bool> wants, out TemplateValue value)
    {
        ref readonly TemplateValue left = ref arguments[0];
        ref readonly TemplateValue right = ref arguments[1];
        int? order = (left.Kind, right.Kind) switch
        {
            (TemplateKind.Int, TemplateKind.Int) => left.Int.CompareTo(right.Int),
            (TemplateKind.Uint, TemplateKind.Uint) => left.Uint.CompareTo(right.Uint),
            (TemplateKind.Int, TemplateKind.Uint) => left.Int < 0 ? -1 : ((ulong)left.Int).CompareTo(right.Uint),
            (TemplateKind.Uint, TemplateKind.Int) => right.Int < 0 ? 1 : left.Uint.CompareTo((ulong)right.Int),
            (TemplateKind.Float, TemplateKind.Float) => left.Float.CompareTo(right.Float),
            (TemplateKind.String, TemplateKind.String) => string.CompareOrdinal(left.Text, right.Text),
            _ => null,
        };
        value = TemplateValue.From(order is { } o && wants(o));
        return order is null ? $"a value of type {left.TypeName} cannot be ordered with one of type {right.TypeName}" : null;
    }

    private static string? Length(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        TemplateValue of = arguments[0];
        int? length = of.Kind switch
        {
            TemplateKind.String => System.Text.Encoding.UTF8.GetByteCount(of.Text),
            TemplateKind.List => of.List.Count,
            TemplateKind.Map => of.Map.Count,
            _ => null,
        };
        value = TemplateValue.From((long)(length ?? 0));
        return length is null ? $"a value of type {of.TypeName} has no length" : null;
    }

    private static string? Index(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        value = arguments[0];
        foreach (TemplateValue key in arguments[1..])
        {
            switch (value.Kind)
            {
                case TemplateKind.Map when key.Kind == TemplateKind.String:
                    TemplateMap map = value.Map;
                    value = map.TryGet(key.Text, out TemplateValue found) ? found : map.Absent;
                    break;
                case TemplateKind.Map:
                    return $"a map's key is text, not {key.TypeName}";
                case TemplateKind.List or TemplateKind.String:
                    int count = value.Kind == TemplateKind.List ? value.List.Count : value.Text.Length;
                    if (!TryPlace(key, count - 1, out int place))
                    {
                        return $"there is no element {Show(key)}; there are {count}";
                    }

                    value = value.Kind == TemplateKind.List ? value.List[place] : TemplateValue.From((ulong)value.Text[place]);
                    break;
                default:
                    return $"a value of type {value.TypeName} has no elements";
            }
        }

        return null;
    }

    private static string? Slice(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        value = arguments[0];
        int count = value.Kind switch
        {
            TemplateKind.String => value.Text.Length,
            TemplateKind.List => value.List.Count,
            _ => -1,
        };
        if (count < 0)
        {
            return $"a value of type {value.TypeName} cannot be sliced";
        }

        int from = 0;
        int to = count;
        if ((arguments.Length > 1 && !TryPlace(arguments[1], count, out from)) || (arguments.Length > 2 && !TryPlace(arguments[2], count, out to)) || from > to)
        {
            return $"the places to slice at must be whole numbers from 0 to {count}, the smaller one first";
        }

        if (value.Kind == TemplateKind.String)
        {
            value = TemplateValue.From(value.Text[from..to]);
            return null;
        }

        var part = new TemplateValue[to - from];
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = value.List[from + i];
        }

        value = TemplateValue.From(new TemplateArray(part));
        return null;
    }

    private static bool TryPlace(in TemplateValue key, int most, out int place)
    {
        bool isWhole = key.Kind is TemplateKind.Int or TemplateKind.Uint && key.Int >= 0 && key.Int <= most;
        place = isWhole ? (int)key.Int : 0;
        return isWhole;
    }

    private static string Show(in TemplateValue key) => key.Kind switch
    {
        TemplateKind.Int => key.Int.ToString(CultureInfo.InvariantCulture),
        TemplateKind.Uint => key.Uint.ToString(CultureInfo.InvariantCulture),
        _ => $"by {key.TypeName}",
    };

    private static string? Print(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, bool isLine, out TemplateValue value)
    {
        run.Scratch.Clear();
        for (int i = 0; i < arguments.Length; i++)
        {
            // Go's Sprint puts a space between two values when neither is a text, Sprintln always does.
            if (i > 0 && (isLine || (arguments[i].Kind != TemplateKind.String && arguments[i - 1].Kind != TemplateKind.String)))
            {
                run.Scratch.Append(' ');
            }

            if (!TemplateFormat.TryPrint(arguments[i], run.Scratch))
            {
                value = default;
                return $"a value of type {arguments[i].TypeName} cannot be printed";
            }
        }

        if (isLine)
        {
            run.Scratch.Append('\n');
        }

        return Made(run, out value);
    }

    private static string? PrintFormatted(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        value = default;
        if (arguments[0].Kind != TemplateKind.String)
        {
            return $"the first argument is a format text, not {arguments[0].TypeName}";
        }

        run.Scratch.Clear();
        TemplateFormat.Format(arguments[0].Text, arguments[1..], run.Scratch);
        return Made(run, out value);
    }

    private static string? Made(TemplateRun run, out TemplateValue value)
    {
        bool fits = !run.Scratch.IsOverflown;
        value = fits ? TemplateValue.From(run.Scratch.Span.ToString()) : default;
        run.Scratch.Clear();
        return fits ? null : $"the text would be longer than {TemplateRun.MaxOutput} characters";
    }

    /// <summary>Go's strconv.ParseUint: a text, a base (0, or 2 to 36) and a size in bits (0 to 64, 0 for 64).</summary>
    private static string? ParseInt(TemplateRun run, ReadOnlySpan<TemplateValue> arguments, out TemplateValue value)
    {
        value = default;
        if (arguments[0].Kind != TemplateKind.String)
        {
            return $"the number must be text, not {arguments[0].TypeName}";
        }

        if (!TryPlace(arguments[1], 36, out int radix) || radix == 1)
        {
            return "the base must be 0, or a whole number from 2 to 36";
        }

        if (!TryPlace(arguments[2], 64, out int bits))
        {
            return "the size must be a whole number of bits from 0 to 64";
        }

        ReadOnlySpan<char> digits = arguments[0].Text;
        bool separators = radix == 0;
        if (radix == 0)
        {
            radix = TakeBase(ref digits);
        }

        ulong most = bits is 0 or 64 ? ulong.MaxValue : (1UL << bits) - 1;
        ulong number = 0;
        bool any = false;
        bool tooLarge = false;
        foreach (char c in digits)
        {
            if (c == '_' && separators)
            {
                continue;
            }

            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : 36;
            if (digit >= radix)
            {
                return $"'{arguments[0].Text}' is not a whole number in base {radix}";
            }

            any = true;
            UInt128 next = ((UInt128)number * (uint)radix) + (uint)digit;
            tooLarge |= next > most;
            number = tooLarge ? 0 : (ulong)next;
        }

        if (!any)
        {
            return $"'{arguments[0].Text}' is not a whole number in base {radix}";
        }

        value = TemplateValue.From(number);
        return tooLarge ? $"'{arguments[0].Text}' is larger than {most}" : null;
    }

    private static int TakeBase(ref ReadOnlySpan<char> digits)
    {
        if (digits.Length < 2 || digits[0] != '0')
        {
            return 10;
        }

        int radix = (digits[1] | 0x20) switch
        {
            'x' => 16,
            'b' => 2,
            'o' => 8,
            _ => 0,
        };
        digits = digits[(radix == 0 ? 1 : 2)..];
        return radix == 0 ? 8 : radix;
    }
}
