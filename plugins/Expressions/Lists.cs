namespace MiniDns.Plugins.Expressions;

/// <summary><c>['A', 'AAAA']</c>.</summary>
internal sealed class LiteralList(ExpressionNode[] elements) : ListNode
{
    public override ExpressionKind? ElementKind { get; } =
        elements.Length > 0 && Array.TrueForAll(elements, e => e.Kind == elements[0].Kind) ? elements[0].Kind : null;

    public override int Count(EvaluationState state) => elements.Length;

    public override bool Contains(EvaluationState state, ExpressionNode sought)
    {
        switch (sought.Kind)
        {
            case ExpressionKind.Text:
                ReadOnlySpan<char> text = sought.Text(state);
                foreach (ExpressionNode element in elements)
                {
                    if (element.Kind == ExpressionKind.Text && element.Text(state).SequenceEqual(text))
                    {
                        return true;
                    }
                }

                return false;
            case ExpressionKind.Int or ExpressionKind.Float:
                double number = sought.Float(state);
                foreach (ExpressionNode element in elements)
                {
                    if (element.IsNumber && element.Float(state).Equals(number))
                    {
                        return true;
                    }
                }

                return false;
            case ExpressionKind.Bool:
                bool truth = sought.Bool(state);
                foreach (ExpressionNode element in elements)
                {
                    if (element.Kind == ExpressionKind.Bool && element.Bool(state) == truth)
                    {
                        return true;
                    }
                }

                return false;
            default:
                return sought.Kind == ExpressionKind.Nil && Array.Exists(elements, e => e.Kind == ExpressionKind.Nil);
        }
    }

    public override ReadOnlySpan<char> TextAt(EvaluationState state, int index) => elements[index].Text(state);

    public override double FloatAt(EvaluationState state, int index) => elements[index].Float(state);

    public override long IntAt(EvaluationState state, int index) => elements[index].Int(state);

    public override bool BoolAt(EvaluationState state, int index) => elements[index].Bool(state);
}

/// <summary><c>1..10</c>, both ends included.</summary>
internal sealed class RangeList(ExpressionNode first, ExpressionNode last) : ListNode
{
    /// <summary>The longest range that is gone through.</summary>
    private const int MaxCount = 1_000_000;

    public override ExpressionKind? ElementKind => ExpressionKind.Int;

    public override int Count(EvaluationState state)
    {
        long start = first.Int(state);
        long end = last.Int(state);
        if (end < start)
        {
            return 0;
        }

        if (end - start >= MaxCount || end - start < 0)
        {
            state.Fail();
            return 0;
        }

        return (int)(end - start) + 1;
    }

    public override bool Contains(EvaluationState state, ExpressionNode sought)
    {
        if (!sought.IsNumber)
        {
            return false;
        }

        double number = sought.Float(state);
        return number >= first.Int(state) && number <= last.Int(state) && Math.Floor(number).Equals(number);
    }

    public override long IntAt(EvaluationState state, int index) => first.Int(state) + index;

    public override double FloatAt(EvaluationState state, int index) => IntAt(state, index);
}

/// <summary><c>split(name(), '.')</c>.</summary>
internal sealed class SplitList(ExpressionNode text, ExpressionNode separator) : ListNode
{
    public override ExpressionKind? ElementKind => ExpressionKind.Text;

    public override int Count(EvaluationState state)
    {
        ReadOnlySpan<char> whole = text.Text(state);
        ReadOnlySpan<char> between = separator.Text(state);
        return between.IsEmpty ? whole.Length : whole.Count(between) + 1;
    }

    public override bool Contains(EvaluationState state, ExpressionNode sought)
    {
        if (sought.Kind != ExpressionKind.Text)
        {
            return false;
        }

        ReadOnlySpan<char> value = sought.Text(state);
        ReadOnlySpan<char> whole = text.Text(state);
        ReadOnlySpan<char> between = separator.Text(state);
        int start = 0;
        while (TryNext(whole, between, ref start, out ReadOnlySpan<char> part))
        {
            if (part.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    public override ReadOnlySpan<char> TextAt(EvaluationState state, int index)
    {
        ReadOnlySpan<char> whole = text.Text(state);
        ReadOnlySpan<char> between = separator.Text(state);
        int start = 0;
        while (TryNext(whole, between, ref start, out ReadOnlySpan<char> part))
        {
            if (index-- == 0)
            {
                return part;
            }
        }

        state.Fail();
        return default;
    }

    /// <summary>Finds the next part.</summary>
    /// <param name="whole">The text.</param>
    /// <param name="separator">What stands between parts; nothing divides into characters.</param>
    /// <param name="start">Where the part begins; behind the text's end when there are no more.</param>
    /// <param name="part">The part.</param>
    private static bool TryNext(ReadOnlySpan<char> whole, ReadOnlySpan<char> separator, scoped ref int start, out ReadOnlySpan<char> part)
    {
        if (start > whole.Length || (separator.IsEmpty && start == whole.Length))
        {
            part = default;
            return false;
        }

        part = whole[start..];
        int length = separator.IsEmpty ? 1 : part.IndexOf(separator);
        part = length < 0 ? part : part[..length];
        start += length < 0 ? part.Length + 1 : length + separator.Length;
        return true;
    }
}
