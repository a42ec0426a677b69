using System.Globalization;
using System.Text;

namespace MiniDns.Plugins.Expressions;

/// <summary>The functions of expressions that make texts, or values from texts.</summary>
internal static class TextFunctions
{
    /// <summary><c>lower(TEXT)</c>.</summary>
    public static ReadOnlySpan<char> Lower(EvaluationState state, ExpressionNode node)
    {
        ReadOnlySpan<char> text = node.Text(state);
        Span<char> made = state.Take(text.Length);
        if (!state.HasFailed)
        {
            text.ToLowerInvariant(made);
        }

        return made;
    }

    /// <summary><c>upper(TEXT)</c>.</summary>
    public static ReadOnlySpan<char> Upper(EvaluationState state, ExpressionNode node)
    {
        ReadOnlySpan<char> text = node.Text(state);
        Span<char> made = state.Take(text.Length);
        if (!state.HasFailed)
        {
            text.ToUpperInvariant(made);
        }

        return made;
    }

    /// <summary><c>trimPrefix(TEXT, PREFIX)</c>.</summary>
    public static ReadOnlySpan<char> TrimPrefix(EvaluationState state, ExpressionNode node, ExpressionNode prefix)
    {
        ReadOnlySpan<char> text = node.Text(state);
        ReadOnlySpan<char> start = prefix.Text(state);
        return text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : text;
    }

    /// <summary><c>trimSuffix(TEXT, SUFFIX)</c>.</summary>
    public static ReadOnlySpan<char> TrimSuffix(EvaluationState state, ExpressionNode node, ExpressionNode suffix)
    {
        ReadOnlySpan<char> text = node.Text(state);
        ReadOnlySpan<char> end = suffix.Text(state);
        return text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text;
    }

    /// <summary><c>replace(TEXT, OLD, NEW)</c>.</summary>
    public static ReadOnlySpan<char> Replace(EvaluationState state, ExpressionNode node, ExpressionNode old, ExpressionNode replacement)
    {
        ReadOnlySpan<char> text = node.Text(state);
        ReadOnlySpan<char> sought = old.Text(state);
        ReadOnlySpan<char> with = replacement.Text(state);
        int count = sought.IsEmpty ? 0 : text.Count(sought);
        Span<char> made = state.Take(text.Length + (count * (with.Length - sought.Length)));
        int at = 0;
        while (!state.HasFailed && count-- > 0)
        {
            int next = text.IndexOf(sought);
            text[..next].CopyTo(made[at..]);
            with.CopyTo(made[(at + next)..]);
            at += next + with.Length;
            text = text[(next + sought.Length)..];
        }

        if (!state.HasFailed)
        {
            text.CopyTo(made[at..]);
        }

        return made;
    }

    /// <summary><c>repeat(TEXT, COUNT)</c>.</summary>
    public static ReadOnlySpan<char> Repeat(EvaluationState state, ExpressionNode node, ExpressionNode count)
    {
        ReadOnlySpan<char> text = node.Text(state);
        long times = count.Int(state);
        if (times < 0 || times > EvaluationState.TextLimit)
        {
            state.Fail();
            return default;
        }

        Span<char> made = state.Take(text.Length * (int)times);
        for (int at = 0; at < made.Length; at += text.Length)
        {
            text.CopyTo(made[at..]);
        }

        return made;
    }

    /// <summary><c>int(VALUE)</c>: of a text its digits, of a number its whole part.</summary>
    public static long ToInt(EvaluationState state, ExpressionNode node)
    {
        switch (node.Kind)
        {
            case ExpressionKind.Int:
                return node.Int(state);
            case ExpressionKind.Float:
                return (long)node.Float(state);
            case ExpressionKind.Text when long.TryParse(node.Text(state), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number):
                return number;
            default:
                state.Fail();
                return 0;
        }
    }

    /// <summary><c>float(VALUE)</c>.</summary>
    public static double ToFloat(EvaluationState state, ExpressionNode node)
    {
        if (node.IsNumber)
        {
            return node.Float(state);
        }

        if (node.Kind == ExpressionKind.Text && double.TryParse(node.Text(state), NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return number;
        }

        state.Fail();
        return 0;
    }

    /// <summary><c>string(VALUE)</c>.</summary>
    public static ReadOnlySpan<char> ToText(EvaluationState state, ExpressionNode node)
    {
        switch (node.Kind)
        {
            case ExpressionKind.Text:
                return node.Text(state);
            case ExpressionKind.Bool:
                return node.Bool(state) ? "true" : "false";
            case ExpressionKind.Int:
                return Format(state, node.Int(state));
            default:
                double number = node.Float(state);
                if (!number.TryFormat(state.Free, out int length, default, CultureInfo.InvariantCulture))
                {
                    state.Fail();
                }

                return state.Take(length);
        }
    }

    /// <summary>Writes a number.</summary>
    public static ReadOnlySpan<char> Format(EvaluationState state, long number)
    {
        if (!number.TryFormat(state.Free, out int length, default, CultureInfo.InvariantCulture))
        {
            state.Fail();
        }

        return state.Take(length);
    }

    /// <summary><c>metadata(LABEL)</c>: empty when there is no value.</summary>
    public static ReadOnlySpan<char> Metadata(EvaluationState state, MetadataLabel label)
    {
        Span<byte> value = stackalloc byte[MetadataLabel.MaxValueLength];
        if (!label.TryRead(state.Query, value, out int length) || length == 0)
        {
            return default;
        }

        if (state.Free.Length < length)
        {
            state.Fail();
            return default;
        }

        return state.Take(Encoding.UTF8.GetChars(value[..length], state.Free));
    }
}
