using System.Globalization;

namespace MiniDns.Expressions;

/// <summary>The functions of the language.</summary>
internal static class ExpressionBuiltins
{
    /// <summary>The functions, without those over lists.</summary>
    public static IReadOnlyList<ExpressionFunction> Functions { get; } =
    [
        new("len", [ExpressionType.Any], ExpressionType.Int, Length),
        Text("lower", static s => s.ToLowerInvariant()),
        Text("upper", static s => s.ToUpperInvariant()),
        new("trim", [ExpressionType.String, ExpressionType.String], ExpressionType.String, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
            Give(a.Length > 1 ? a[0].Text.Trim(a[1].Text.ToCharArray()) : a[0].Text.Trim(), out v)) { Optional = 1 },
        Text("trimPrefix", static (s, t) => s.StartsWith(t, StringComparison.Ordinal) ? s[t.Length..] : s),
        Text("trimSuffix", static (s, t) => s.EndsWith(t, StringComparison.Ordinal) ? s[..^t.Length] : s),
        new("hasPrefix", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
            Give(a[0].Text.StartsWith(a[1].Text, StringComparison.Ordinal), out v)),
        new("hasSuffix", [ExpressionType.String, ExpressionType.String], ExpressionType.Bool, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
            Give(a[0].Text.EndsWith(a[1].Text, StringComparison.Ordinal), out v)),
        new("indexOf", [ExpressionType.String, ExpressionType.String], ExpressionType.Int, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
            Give(a[0].Text.IndexOf(a[1].Text, StringComparison.Ordinal), out v)),
        new("lastIndexOf", [ExpressionType.String, ExpressionType.String], ExpressionType.Int, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
            Give(a[0].Text.LastIndexOf(a[1].Text, StringComparison.Ordinal), out v)),
        new("replace", [ExpressionType.String, ExpressionType.String, ExpressionType.String], ExpressionType.String, Replace),
        new("repeat", [ExpressionType.String, ExpressionType.Int], ExpressionType.String, Repeat),
        new("split", [ExpressionType.String, ExpressionType.String], ExpressionType.List, Split),
        new("join", [ExpressionType.List, ExpressionType.String], ExpressionType.String, Join) { Optional = 1 },
        new("int", [ExpressionType.Any], ExpressionType.Int, ToInt),
        new("float", [ExpressionType.Any], ExpressionType.Float, ToFloat),
        new("string", [ExpressionType.Any], ExpressionType.String, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) => Give(a[0].ToString(), out v)),
        Number("ceil", Math.Ceiling),
        Number("floor", Math.Floor),
        Number("round", static n => Math.Round(n, MidpointRounding.AwayFromZero)),
        new("abs", [ExpressionType.Any], ExpressionType.Any, Absolute),
        new("first", [ExpressionType.List], ExpressionType.Any, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
        {
            v = a[0].List.Count > 0 ? a[0].List[0] : default;
            return true;
        }),
        new("last", [ExpressionType.List], ExpressionType.Any, static (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
        {
            v = a[0].List.Count > 0 ? a[0].List[^1] : default;
            return true;
        }),
    ];

    /// <summary>The names of all functions.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Functions.Select(f => f.Name), .. ExpressionNode.Over.Names];

    private static ExpressionFunction Text(string name, Func<string, string> work) =>
        new(name, [ExpressionType.String], ExpressionType.String, (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) => Give(work(a[0].Text), out v));

    private static ExpressionFunction Text(string name, Func<string, string, string> work) =>
        new(name, [ExpressionType.String, ExpressionType.String], ExpressionType.String, (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) => Give(work(a[0].Text, a[1].Text), out v));

    private static ExpressionFunction Number(string name, Func<double, double> work) =>
        new(name, [ExpressionType.Float], ExpressionType.Float, (ExpressionContext _, ReadOnlySpan<ExpressionValue> a, out ExpressionValue v) =>
        {
            v = ExpressionValue.From(work(a[0].Number));
            return true;
        });

    private static bool Give(string text, out ExpressionValue value)
    {
        value = ExpressionValue.From(text);
        return true;
    }

    private static bool Give(bool truth, out ExpressionValue value)
    {
        value = ExpressionValue.From(truth);
        return true;
    }

    private static bool Give(int number, out ExpressionValue value)
    {
        value = ExpressionValue.From((long)number);
        return true;
    }

    private static bool Length(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        value = default;
        return arguments[0].Type switch
        {
            ExpressionType.String => Give(arguments[0].Text.Length, out value),
            ExpressionType.List => Give(arguments[0].List.Count, out value),
            _ => context.Fail($"len: '{arguments[0]}' has no length"),
        };
    }

    private static bool Replace(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        value = default;
        if (arguments[1].Text.Length == 0)
        {
            return context.Fail("replace: the text to replace is empty");
        }

        return Bounded(context, arguments[0].Text.Replace(arguments[1].Text, arguments[2].Text, StringComparison.Ordinal), out value);
    }

    private static bool Repeat(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        value = default;
        long count = arguments[1].Int;
        if (count < 0 || (Int128)count * arguments[0].Text.Length > ExpressionOperators.MaxText || count > ExpressionOperators.MaxText)
        {
            return context.Fail($"repeat: the text would be longer than {ExpressionOperators.MaxText} characters, or the number is negative");
        }

        return Give(new System.Text.StringBuilder().Insert(0, arguments[0].Text, (int)count).ToString(), out value);
    }

    private static bool Split(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        string[] parts = arguments[1].Text.Length == 0 ? [.. arguments[0].Text.Select(c => c.ToString())] : arguments[0].Text.Split(arguments[1].Text);
        value = ExpressionValue.From([.. parts.Select(ExpressionValue.From)]);
        return true;
    }

    private static bool Join(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        value = default;
        string separator = arguments.Length > 1 ? arguments[1].Text : "";
        long length = 0;
        foreach (ExpressionValue item in arguments[0].List)
        {
            if (item.Type != ExpressionType.String)
            {
                return context.Fail($"join: '{item}' is not text");
            }

            length += item.Text.Length + separator.Length;
        }

        return length > ExpressionOperators.MaxText + separator.Length
            ? context.Fail($"join: the text would be longer than {ExpressionOperators.MaxText} characters")
            : Give(string.Join(separator, arguments[0].List.Select(i => i.Text)), out value);
    }

    private static bool Bounded(ExpressionContext context, string text, out ExpressionValue value)
    {
        value = ExpressionValue.From(text);
        return text.Length <= ExpressionOperators.MaxText || context.Fail($"the text would be longer than {ExpressionOperators.MaxText} characters");
    }

    private static bool ToInt(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
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

    private static bool ToFloat(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        double number = of.IsNumber ? of.Number : 0;
        bool isRight = of.IsNumber || (of.Type == ExpressionType.String && double.TryParse(of.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number));
        value = ExpressionValue.From(number);
        return isRight || context.Fail($"float: '{of}' is not a number");
    }

    private static bool Absolute(ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value)
    {
        ExpressionValue of = arguments[0];
        value = of.Type == ExpressionType.Int ? ExpressionValue.From(of.Int < 0 ? unchecked(-of.Int) : of.Int) : of.IsNumber ? ExpressionValue.From(Math.Abs(of.Number)) : default;
        return of.IsNumber || context.Fail($"abs: '{of}' is not a number");
    }
}
