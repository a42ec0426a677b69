using MiniDns.Configuration;

namespace MiniDns.Plugins.Expressions;

/// <summary>Makes nodes of operators, once what they are applied to is known to fit.</summary>
internal static class Operators
{
    /// <summary>Makes the node of an operator between two others.</summary>
    /// <exception cref="ExpressionException">The operator is not for such values.</exception>
    public static ExpressionNode Binary(ExpressionToken symbol, ExpressionNode left, ExpressionNode right)
    {
        switch (symbol.Value)
        {
            case "or" or "||" when Are(left, right, ExpressionKind.Bool):
                return new BoolNode(s => left.Bool(s) || right.Bool(s));
            case "and" or "&&" when Are(left, right, ExpressionKind.Bool):
                return new BoolNode(s => left.Bool(s) && right.Bool(s));
            case "==" when AreComparable(left, right):
                return Equal(left, right);
            case "!=" when AreComparable(left, right):
                ExpressionNode equal = Equal(left, right);
                return new BoolNode(s => !equal.Bool(s));
            case "<" or ">" or "<=" or ">=" when left.IsNumber && right.IsNumber:
                return Order(symbol.Value, left, right);
            case "<" or ">" or "<=" or ">=" when Are(left, right, ExpressionKind.Text):
                return TextOrder(symbol.Value, left, right);
            case "contains" when Are(left, right, ExpressionKind.Text):
                return new BoolNode(s => left.Text(s).Contains(right.Text(s), StringComparison.Ordinal));
            case "startsWith" when Are(left, right, ExpressionKind.Text):
                return new BoolNode(s => left.Text(s).StartsWith(right.Text(s), StringComparison.Ordinal));
            case "endsWith" when Are(left, right, ExpressionKind.Text):
                return new BoolNode(s => left.Text(s).EndsWith(right.Text(s), StringComparison.Ordinal));
            case "matches" when Are(left, right, ExpressionKind.Text):
                return Matches(symbol, left, right);
            case "in" when right is ListNode list:
                return new BoolNode(s => list.Contains(s, left));
            case ".." when Are(left, right, ExpressionKind.Int):
                return new RangeList(left, right);
            case "+" when Are(left, right, ExpressionKind.Text):
                return new TextNode(s => Join(s, left, right));
            case "+" or "-" or "*" or "/" or "%" or "^" or "**" when left.IsNumber && right.IsNumber:
                return Arithmetic(symbol, left, right);
            case "??":
                return left.Kind == ExpressionKind.Nil ? right : left;
            default:
                throw NotFor(symbol, left, right);
        }
    }

    private static bool Are(ExpressionNode left, ExpressionNode right, ExpressionKind kind) => left.Kind == kind && right.Kind == kind;

    private static bool AreComparable(ExpressionNode left, ExpressionNode right) =>
        (left.Kind != ExpressionKind.List && left.Kind == right.Kind)
        || (left.IsNumber && right.IsNumber)
        || left.Kind == ExpressionKind.Nil
        || right.Kind == ExpressionKind.Nil;

    private static BoolNode Equal(ExpressionNode left, ExpressionNode right) => left.Kind switch
    {
        ExpressionKind.Nil => new BoolNode(s => right.Kind == ExpressionKind.Nil),
        _ when right.Kind == ExpressionKind.Nil => new BoolNode(s => false),
        ExpressionKind.Bool => new BoolNode(s => left.Bool(s) == right.Bool(s)),
        ExpressionKind.Text => new BoolNode(s => left.Text(s).SequenceEqual(right.Text(s))),
        ExpressionKind.Int when right.Kind == ExpressionKind.Int => new BoolNode(s => left.Int(s) == right.Int(s)),
        _ => new BoolNode(s => left.Float(s).Equals(right.Float(s))),
    };

    private static BoolNode Order(string symbol, ExpressionNode left, ExpressionNode right) => symbol switch
    {
        "<" => new BoolNode(s => left.Float(s) < right.Float(s)),
        ">" => new BoolNode(s => left.Float(s) > right.Float(s)),
        "<=" => new BoolNode(s => left.Float(s) <= right.Float(s)),
        _ => new BoolNode(s => left.Float(s) >= right.Float(s)),
    };

    private static BoolNode TextOrder(string symbol, ExpressionNode left, ExpressionNode right) => symbol switch
    {
        "<" => new BoolNode(s => left.Text(s).SequenceCompareTo(right.Text(s)) < 0),
        ">" => new BoolNode(s => left.Text(s).SequenceCompareTo(right.Text(s)) > 0),
        "<=" => new BoolNode(s => left.Text(s).SequenceCompareTo(right.Text(s)) <= 0),
        _ => new BoolNode(s => left.Text(s).SequenceCompareTo(right.Text(s)) >= 0),
    };

    private static BoolNode Matches(ExpressionToken symbol, ExpressionNode left, ExpressionNode right)
    {
        if (right is not TextLiteral pattern)
        {
            throw new ExpressionException(symbol.Position, "a regular expression in quotes is expected after 'matches'");
        }

        if (!GoRegex.TryParse(pattern.Value, out GoRegex? regex, out string? error))
        {
            throw new ExpressionException(symbol.Position, $"'{pattern.Value}': {error}");
        }

        return new BoolNode(s => regex.Regex.IsMatch(left.Text(s)));
    }

    private static ExpressionNode Arithmetic(ExpressionToken symbol, ExpressionNode left, ExpressionNode right)
    {
        bool isInt = Are(left, right, ExpressionKind.Int);
        return symbol.Value switch
        {
            "+" => isInt ? new IntNode(s => left.Int(s) + right.Int(s)) : new FloatNode(s => left.Float(s) + right.Float(s)),
            "-" => isInt ? new IntNode(s => left.Int(s) - right.Int(s)) : new FloatNode(s => left.Float(s) - right.Float(s)),
            "*" => isInt ? new IntNode(s => left.Int(s) * right.Int(s)) : new FloatNode(s => left.Float(s) * right.Float(s)),
            "/" => new FloatNode(s => left.Float(s) / right.Float(s)),
            "%" when isInt => new IntNode(s => Remainder(s, left.Int(s), right.Int(s))),
            "^" or "**" => new FloatNode(s => Math.Pow(left.Float(s), right.Float(s))),
            _ => throw NotFor(symbol, left, right),
        };
    }

    private static long Remainder(EvaluationState state, long left, long right)
    {
        if (right is 0 or -1)
        {
            if (right == 0)
            {
                state.Fail();
            }

            return 0;
        }

        return left % right;
    }

    private static ReadOnlySpan<char> Join(EvaluationState state, ExpressionNode left, ExpressionNode right)
    {
        ReadOnlySpan<char> first = left.Text(state);
        ReadOnlySpan<char> second = right.Text(state);
        Span<char> whole = state.Take(first.Length + second.Length);
        if (state.HasFailed)
        {
            return default;
        }

        first.CopyTo(whole);
        second.CopyTo(whole[first.Length..]);
        return whole;
    }

    private static ExpressionException NotFor(ExpressionToken symbol, ExpressionNode left, ExpressionNode right) =>
        new(symbol.Position, $"'{symbol.Value}' is not for {Kinds.Name(left)} and {Kinds.Name(right)}");
}
