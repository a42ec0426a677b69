using System.Globalization;
using Arguments = System.ReadOnlySpan<MiniDns.Expressions.ExpressionValue>;

namespace MiniDns.Expressions;

/// <summary>The functions of the language.</summary>
internal static class ExpressionBuiltins
{
    /// <summary>The functions, without those over lists.</summary>
    public static IReadOnlyList<ExpressionFunction> Functions { get; } =
    [
        new("len", [ExpressionType.Any], ExpressionType.Int, Length),
        new("lower", [ExpressionType.String], ExpressionType.String, static (ExpressionContext c, Arguments a, out ExpressionValue v) => ChangeCase(c, a[0], isUpper: false, out v)),
        new("upper", [ExpressionType.String], ExpressionType.String, static (ExpressionContext c, Arguments a, out ExpressionValue v) => ChangeCase(c, a[0], isUpper: true, out v)),
        new("trim", [ExpressionType.String, ExpressionType.String], ExpressionType.String, Trim) { Optional = 1 },
        new("trimPrefix", [ExpressionType.String, ExpressionType.String], ExpressionType.String, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(a[0].Text.StartsWith(a[1].Text, StringComparison.Ordinal) ? a[0].Part(a[1].Count, a[0].Count - a[1].Count) : a[0], out v)),
        new("trimSuffix", [ExpressionType.String, ExpressionType.String], ExpressionType.String, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(a[0].Text.EndsWith(a[1].Text, StringComparison.Ordinal) ? a[0].Part(0, a[0].Count - a[1].Count) : a[0], out v)),
        new("hasPrefix", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(ExpressionValue.From(a[0].Text.StartsWith(a[1].Text, StringComparison.Ordinal)), out v)),
        new("hasSuffix", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(ExpressionValue.From(a[0].Text.EndsWith(a[1].Text, StringComparison.Ordinal)), out v)),
        new("indexOf", [ExpressionType.String, ExpressionType.String], ExpressionType.Int, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(ExpressionValue.From((long)a[0].Text.IndexOf(a[1].Text, StringComparison.Ordinal)), out v)),
        new("lastIndexOf", [ExpressionType.String, ExpressionType.String], ExpressionType.Int, static (ExpressionContext _, Arguments a, out ExpressionValue v) =>
            Give(ExpressionValue.From((long)a[0].Text.LastIndexOf(a[1].Text, StringComparison.Ordinal)), out v)),
        new("replace", [ExpressionType.String, ExpressionType.String, ExpressionType.String], ExpressionType.String, Replace),
        new("repeat", [ExpressionType.String, ExpressionType.Int], ExpressionType.String, Repeat),
        new("split", [ExpressionType.String, ExpressionType.String], ExpressionType.List, Split),
        new("join", [ExpressionType.List, ExpressionType.String], ExpressionType.String, Join) { Optional = 1 },
        new("int", [ExpressionType.Any], ExpressionType.Int, ToInt),
        new("float", [ExpressionType.Any], ExpressionType.Float, ToFloat),
        new("string", [ExpressionType.Any], ExpressionType.String, ToText),
        Number("ceil", Math.Ceiling),
        Number("floor", Math.Floor),
        Number("round", static n => Math.Round(n, MidpointRounding.AwayFromZero)),
        new("abs", [ExpressionType.Any], ExpressionType.Any, Absolute),
        new("min", [ExpressionType.Float, ExpressionType.Float], ExpressionType.Any, static (ExpressionContext _, Arguments a, out ExpressionValue v) => Give(a[1].Number < a[0].Number ? a[1] : a[0], out v)),
        new("max", [ExpressionType.Float, ExpressionType.Float], ExpressionType.Any, static (ExpressionContext _, Arguments a, out ExpressionValue v) => Give(a[1].Number > a[0].Number ? a[1] : a[0], out v)),
        new("first", [ExpressionType.List], ExpressionType.Any, static (ExpressionContext _, Arguments a, out ExpressionValue v) => Give(a[0].Count > 0 ? a[0].At(0) : default, out v)),
        new("last", [ExpressionType.List], ExpressionType.Any, static (ExpressionContext _, Arguments a, out ExpressionValue v) => Give(a[0].Count > 0 ? a[0].At(a[0].Count - 1) : default, out v)),
    ];

    /// <summary>The names of all functions.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Functions.Select(f => f.Name), .. ExpressionLoop.Names.Keys];

    /// <summary>Writes a value as text.</summary>
    public static bool Write<T>(ExpressionContext context, T value, int longest, out ExpressionValue text)
        where T : ISpanFormattable
    {
        text = default;
        if (!context.TryRoom(longest, out Span<char> room))
        {
            return false;
        }

        value.TryFormat(room, out int length, default, CultureInfo.InvariantCulture);
        text = context.Take(length);
        return true;
    }

    private static ExpressionFunction Number(string name, Func<double, double> work) =>
        new(name, [ExpressionType.Float], ExpressionType.Float, (ExpressionContext _, Arguments a, out ExpressionValue v) => Give(ExpressionValue.From(work(a[0].Number)), out v));

    private static bool Give(in ExpressionValue what, out ExpressionValue value)
    {
        value = what;
        return true;
    }

    private static bool Length(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = ExpressionValue.From((long)arguments[0].Count);
        return arguments[0].Type is ExpressionType.String or ExpressionType.List || context.Fail($"len: '{arguments[0]}' has no length");
    }

    private static bool ChangeCase(ExpressionContext context, in ExpressionValue of, bool isUpper, out ExpressionValue value)
    {
        value = default;
        if (!context.TryRoom(of.Count, out Span<char> room))
        {
            return false;
        }

        return Give(context.Take(isUpper ? of.Text.ToUpperInvariant(room) : of.Text.ToLowerInvariant(room)), out value);
    }

    private static bool Trim(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ReadOnlySpan<char> text = arguments[0].Text;
        ReadOnlySpan<char> tail = arguments.Length > 1 ? text.TrimStart(arguments[1].Text) : text.TrimStart();
        ReadOnlySpan<char> rest = arguments.Length > 1 ? tail.TrimEnd(arguments[1].Text) : tail.TrimEnd();
        return Give(arguments[0].Part(text.Length - tail.Length, rest.Length), out value);
    }

    private static bool Replace(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = default;
        ReadOnlySpan<char> text = arguments[0].Text;
        ReadOnlySpan<char> sought = arguments[1].Text;
        ReadOnlySpan<char> with = arguments[2].Text;
        if (sought.IsEmpty)
        {
            return context.Fail("replace: the text to replace is empty");
        }

        int count = text.Count(sought);
        if (!context.TryRoom(text.Length + ((long)count * (with.Length - sought.Length)), out Span<char> room))
        {
            return false;
        }

        int at = 0;
        for (; count > 0; count--)
        {
            int next = text.IndexOf(sought);
            text[..next].CopyTo(room[at..]);
            with.CopyTo(room[(at + next)..]);
            at += next + with.Length;
            text = text[(next + sought.Length)..];
        }

        text.CopyTo(room[at..]);
        return Give(context.Take(room.Length), out value);
    }

    private static bool Repeat(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = default;
        ReadOnlySpan<char> text = arguments[0].Text;
        long count = arguments[1].Int;
        if (count < 0)
        {
            return context.Fail("repeat: the number is negative");
        }

        if (!context.TryRoom(text.Length * Math.Min(count, ExpressionContext.MaxText + 1), out Span<char> room))
        {
            return false;
        }

        for (int at = 0; at < room.Length; at += text.Length)
        {
            text.CopyTo(room[at..]);
        }

        return Give(context.Take(room.Length), out value);
    }

    private static bool Split(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ReadOnlySpan<char> text = arguments[0].Text;
        ReadOnlySpan<char> between = arguments[1].Text;
        if (!context.TryTakeList(between.IsEmpty ? text.Length : text.Count(between) + 1, out Span<ExpressionValue> parts, out value))
        {
            return false;
        }

        int start = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            int length = between.IsEmpty ? 1 : text[start..].IndexOf(between);
            length = length < 0 ? text.Length - start : length;
            parts[i] = arguments[0].Part(start, length);
            start += length + between.Length;
        }

        return true;
    }

    private static bool Join(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        value = default;
        ExpressionValue list = arguments[0];
        ReadOnlySpan<char> between = arguments.Length > 1 ? arguments[1].Text : default;
        long length = (long)between.Length * Math.Max(list.Count - 1, 0);
        for (int i = 0; i < list.Count; i++)
        {
            if (list.At(i).Type != ExpressionType.String)
            {
                return context.Fail($"join: '{list.At(i)}' is not text");
            }

            length += list.At(i).Count;
        }

        if (!context.TryRoom(length, out Span<char> room))
        {
            return false;
        }

        int at = 0;
        for (int i = 0; i < list.Count; i++)
        {
            if (i > 0)
            {
                between.CopyTo(room[at..]);
                at += between.Length;
            }

            list.At(i).Text.CopyTo(room[at..]);
            at += list.At(i).Count;
        }

        return Give(context.Take(at), out value);
    }

    private static bool ToInt(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        long number = 0;
        bool isRight = of.Type switch
        {
            ExpressionType.Int => (number = of.Int) == of.Int,
            ExpressionType.Float when Math.Abs(of.Number) < 9e18 => (number = (long)of.Number) == number,
            ExpressionType.String => long.TryParse(of.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        value = ExpressionValue.From(number);
        return isRight || context.Fail($"int: '{of}' is not a whole number");
    }

    private static bool ToFloat(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        double number = of.IsNumber ? of.Number : 0;
        bool isRight = of.IsNumber || (of.Type == ExpressionType.String && double.TryParse(of.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number));
        value = ExpressionValue.From(number);
        return isRight || context.Fail($"float: '{of}' is not a number");
    }

    private static bool ToText(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        return of.Type switch
        {
            ExpressionType.String => Give(of, out value),
            ExpressionType.Int => Write(context, of.Int, 20, out value),
            ExpressionType.Float => Write(context, of.Number, 32, out value),
            _ => Give(ExpressionValue.From(of.ToString()), out value),
        };
    }

    private static bool Absolute(ExpressionContext context, Arguments arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        value = of.Type == ExpressionType.Int ? ExpressionValue.From(of.Int < 0 ? unchecked(-of.Int) : of.Int) : of.IsNumber ? ExpressionValue.From(Math.Abs(of.Number)) : default;
        return of.IsNumber || context.Fail($"abs: '{of}' is not a number");
    }
}
