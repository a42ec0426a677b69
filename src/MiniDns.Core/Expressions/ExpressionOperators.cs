namespace MiniDns.Expressions;

/// <summary>What operators do, and which operands they take.</summary>
internal static class ExpressionOperators
{
    /// <summary>How tightly <c>not</c> binds.</summary>
    public const int NotPrecedence = 50;

    /// <summary>How tightly a sign binds.</summary>
    public const int SignPrecedence = 90;

    /// <summary>The operators between two values, and how tightly each binds.</summary>
    public static IReadOnlyDictionary<string, (ExpressionOperator Operator, int Precedence)> Binary { get; } = new Dictionary<string, (ExpressionOperator Operator, int Precedence)>(StringComparer.Ordinal)
    {
        ["|"] = (ExpressionOperator.Pipe, 0),
        ["or"] = (ExpressionOperator.Or, 10),
        ["||"] = (ExpressionOperator.Or, 10),
        ["and"] = (ExpressionOperator.And, 15),
        ["&&"] = (ExpressionOperator.And, 15),
        ["=="] = (ExpressionOperator.Equal, 20),
        ["!="] = (ExpressionOperator.NotEqual, 20),
        ["<"] = (ExpressionOperator.Less, 20),
        [">"] = (ExpressionOperator.Greater, 20),
        ["<="] = (ExpressionOperator.LessOrEqual, 20),
        [">="] = (ExpressionOperator.GreaterOrEqual, 20),
        ["not"] = (ExpressionOperator.Not, 20),
        ["in"] = (ExpressionOperator.In, 20),
        ["matches"] = (ExpressionOperator.Matches, 20),
        ["contains"] = (ExpressionOperator.Contains, 20),
        ["startsWith"] = (ExpressionOperator.StartsWith, 20),
        ["endsWith"] = (ExpressionOperator.EndsWith, 20),
        [".."] = (ExpressionOperator.Range, 25),
        ["+"] = (ExpressionOperator.Add, 30),
        ["-"] = (ExpressionOperator.Subtract, 30),
        ["*"] = (ExpressionOperator.Multiply, 60),
        ["/"] = (ExpressionOperator.Divide, 60),
        ["%"] = (ExpressionOperator.Remainder, 60),
        ["**"] = (ExpressionOperator.Power, 100),
        ["^"] = (ExpressionOperator.Power, 100),
        ["??"] = (ExpressionOperator.Otherwise, 500),
    };

    /// <summary>True for an operator that may stand behind <c>not</c>.</summary>
    public static bool CanBeNegated(ExpressionOperator @operator) => @operator is >= ExpressionOperator.In and <= ExpressionOperator.EndsWith;

    /// <summary>A type's name in messages.</summary>
    public static string NameOf(ExpressionType type) => type switch
    {
        ExpressionType.Bool => "bool",
        ExpressionType.Int => "int",
        ExpressionType.Float => "float",
        ExpressionType.String => "string",
        ExpressionType.List => "list",
        ExpressionType.Nil => "nil",
        _ => "any",
    };

    /// <summary>The type of an operation.</summary>
    /// <returns>False when the operands do not fit together.</returns>
    public static bool TryResult(ExpressionOperator @operator, ExpressionType left, ExpressionType right, out ExpressionType result)
    {
        bool any = left == ExpressionType.Any || right == ExpressionType.Any;
        bool numbers = IsNumber(left) && IsNumber(right);
        bool whole = left == ExpressionType.Int && right == ExpressionType.Int;
        bool texts = Is(left, ExpressionType.String) && Is(right, ExpressionType.String);
        (bool isRight, result) = @operator switch
        {
            ExpressionOperator.Equal or ExpressionOperator.NotEqual => (any || numbers || left == right || left == ExpressionType.Nil || right == ExpressionType.Nil, ExpressionType.Bool),
            >= ExpressionOperator.Less and <= ExpressionOperator.GreaterOrEqual => (numbers || texts, ExpressionType.Bool),
            ExpressionOperator.In => (Is(right, ExpressionType.List), ExpressionType.Bool),
            ExpressionOperator.Contains or ExpressionOperator.StartsWith or ExpressionOperator.EndsWith => (texts, ExpressionType.Bool),
            ExpressionOperator.Range => (Is(left, ExpressionType.Int) && Is(right, ExpressionType.Int), ExpressionType.List),
            ExpressionOperator.Remainder => (Is(left, ExpressionType.Int) && Is(right, ExpressionType.Int), ExpressionType.Int),
            ExpressionOperator.Divide or ExpressionOperator.Power => (numbers, ExpressionType.Float),
            ExpressionOperator.Add when texts => (true, any ? ExpressionType.Any : ExpressionType.String),
            ExpressionOperator.Add or ExpressionOperator.Subtract or ExpressionOperator.Multiply => (numbers, any ? ExpressionType.Any : whole ? ExpressionType.Int : ExpressionType.Float),
            _ => (false, ExpressionType.Any),
        };
        return isRight;
    }

    /// <summary>Applies an operator with two operands.</summary>
    public static bool TryApply(ExpressionContext context, ExpressionOperator @operator, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        value = default;
        switch (@operator)
        {
            case ExpressionOperator.Equal or ExpressionOperator.NotEqual:
                value = ExpressionValue.From(left.Same(right) == (@operator == ExpressionOperator.Equal));
                return true;
            case ExpressionOperator.In when right.Type == ExpressionType.List:
                value = ExpressionValue.From(right.Has(left));
                return true;
        }

        if (left.Type == ExpressionType.String && right.Type == ExpressionType.String)
        {
            return TryApplyToTexts(context, @operator, left, right, out value);
        }

        return left.IsNumber && right.IsNumber
            ? TryApplyToNumbers(context, @operator, left, right, out value)
            : NotFor(context, @operator, left, right);
    }

    private static bool Is(ExpressionType type, ExpressionType wanted) => type == wanted || type == ExpressionType.Any;

    private static bool IsNumber(ExpressionType type) => type is ExpressionType.Int or ExpressionType.Float or ExpressionType.Any;

    private static bool NotFor(ExpressionContext context, ExpressionOperator @operator, in ExpressionValue left, in ExpressionValue right) =>
        context.Fail($"'{Binary.First(b => b.Value.Operator == @operator).Key}' does not fit '{left}' and '{right}'");

    private static bool TryApplyToTexts(ExpressionContext context, ExpressionOperator @operator, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        value = default;
        switch (@operator)
        {
            case ExpressionOperator.Contains:
                value = ExpressionValue.From(left.Text.Contains(right.Text, StringComparison.Ordinal));
                return true;
            case ExpressionOperator.StartsWith:
                value = ExpressionValue.From(left.Text.StartsWith(right.Text, StringComparison.Ordinal));
                return true;
            case ExpressionOperator.EndsWith:
                value = ExpressionValue.From(left.Text.EndsWith(right.Text, StringComparison.Ordinal));
                return true;
            case ExpressionOperator.Add:
                if (!context.TryRoom((long)left.Count + right.Count, out Span<char> room))
                {
                    return false;
                }

                left.Text.CopyTo(room);
                right.Text.CopyTo(room[left.Count..]);
                value = context.Take(room.Length);
                return true;
            default:
                return TryOrder(context, @operator, left.Text.SequenceCompareTo(right.Text), left, right, out value);
        }
    }

    private static bool TryApplyToNumbers(ExpressionContext context, ExpressionOperator @operator, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        value = default;
        bool whole = left.Type == ExpressionType.Int && right.Type == ExpressionType.Int;
        switch (@operator)
        {
            case ExpressionOperator.Add:
                value = whole ? ExpressionValue.From(unchecked(left.Int + right.Int)) : ExpressionValue.From(left.Number + right.Number);
                return true;
            case ExpressionOperator.Subtract:
                value = whole ? ExpressionValue.From(unchecked(left.Int - right.Int)) : ExpressionValue.From(left.Number - right.Number);
                return true;
            case ExpressionOperator.Multiply:
                value = whole ? ExpressionValue.From(unchecked(left.Int * right.Int)) : ExpressionValue.From(left.Number * right.Number);
                return true;
            case ExpressionOperator.Divide:
                value = ExpressionValue.From(left.Number / right.Number);
                return true;
            case ExpressionOperator.Power:
                value = ExpressionValue.From(Math.Pow(left.Number, right.Number));
                return true;
            case ExpressionOperator.Remainder when whole:
                if (right.Int == 0)
                {
                    return context.Fail("a number cannot be divided by 0");
                }

                value = ExpressionValue.From(right.Int == -1 ? 0 : left.Int % right.Int);
                return true;
            case ExpressionOperator.Range when whole:
                Int128 count = Int128.Max((Int128)right.Int - left.Int + 1, 0);
                if (count > ExpressionContext.MaxElements)
                {
                    return context.Fail($"'..' makes at most {ExpressionContext.MaxElements} numbers");
                }

                value = ExpressionValue.Range(left.Int, (int)count);
                return true;
            default:
                return TryOrder(context, @operator, whole ? left.Int.CompareTo(right.Int) : left.Number.CompareTo(right.Number), left, right, out value);
        }
    }

    private static bool TryOrder(ExpressionContext context, ExpressionOperator @operator, int order, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        bool? result = @operator switch
        {
            ExpressionOperator.Less => order < 0,
            ExpressionOperator.Greater => order > 0,
            ExpressionOperator.LessOrEqual => order <= 0,
            ExpressionOperator.GreaterOrEqual => order >= 0,
            _ => null,
        };
        value = ExpressionValue.From(result ?? false);
        return result is not null || NotFor(context, @operator, left, right);
    }
}
