namespace MiniDns.Expressions;

/// <summary>What operators do, and which operands they take.</summary>
internal static class ExpressionOperators
{
    /// <summary>The most elements of a list that <c>..</c> makes.</summary>
    public const int MaxRange = 10_000;

    /// <summary>The most characters of a text that an expression makes.</summary>
    public const int MaxText = 65_536;

    /// <summary>How tightly a binary operator binds; 0 for what is none.</summary>
    public static int Precedence(string name) => name switch
    {
        "??" => 1,
        "or" or "||" => 2,
        "and" or "&&" => 3,
        "==" or "!=" or "<" or ">" or "<=" or ">=" or "in" or "matches" or "contains" or "startsWith" or "endsWith" or "not" => 4,
        ".." => 5,
        "+" or "-" => 6,
        "*" or "/" or "%" => 7,
        "**" or "^" => 9,
        _ => 0,
    };

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
    public static bool TryResult(string name, ExpressionType left, ExpressionType right, out ExpressionType result)
    {
        bool any = left == ExpressionType.Any || right == ExpressionType.Any;
        bool numbers = IsNumber(left) && IsNumber(right);
        bool whole = left == ExpressionType.Int && right == ExpressionType.Int;
        bool texts = Is(left, ExpressionType.String) && Is(right, ExpressionType.String);
        (bool isRight, result) = name switch
        {
            "==" or "!=" => (any || numbers || left == right || left == ExpressionType.Nil || right == ExpressionType.Nil, ExpressionType.Bool),
            "<" or ">" or "<=" or ">=" => (numbers || texts, ExpressionType.Bool),
            "in" => (Is(right, ExpressionType.List), ExpressionType.Bool),
            "contains" or "startsWith" or "endsWith" => (texts, ExpressionType.Bool),
            ".." => (Is(left, ExpressionType.Int) && Is(right, ExpressionType.Int), ExpressionType.List),
            "%" => (Is(left, ExpressionType.Int) && Is(right, ExpressionType.Int), ExpressionType.Int),
            "/" or "**" or "^" => (numbers, ExpressionType.Float),
            "+" when texts => (true, any ? ExpressionType.Any : ExpressionType.String),
            "+" or "-" or "*" => (numbers, any ? ExpressionType.Any : whole ? ExpressionType.Int : ExpressionType.Float),
            _ => (false, ExpressionType.Any),
        };
        return isRight;
    }

    /// <summary>Applies an operator with one operand.</summary>
    public static bool TryApply(ExpressionContext context, string name, in ExpressionValue operand, out ExpressionValue value)
    {
        switch (name, operand.Type)
        {
            case ("not", ExpressionType.Bool):
                value = ExpressionValue.From(!operand.Bool);
                return true;
            case ("-", ExpressionType.Int):
                value = ExpressionValue.From(unchecked(-operand.Int));
                return true;
            case ("-", ExpressionType.Float):
                value = ExpressionValue.From(-operand.Number);
                return true;
            case ("+", ExpressionType.Int or ExpressionType.Float):
                value = operand;
                return true;
            default:
                value = default;
                return context.Fail($"'{name}' does not fit '{operand}'");
        }
    }

    /// <summary>Applies an operator with two operands.</summary>
    public static bool TryApply(ExpressionContext context, string name, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        value = default;
        switch (name)
        {
            case "==" or "!=":
                value = ExpressionValue.From(left.Same(right) == (name == "=="));
                return true;
            case "in" when right.Type == ExpressionType.List:
                bool found = false;
                foreach (ExpressionValue item in right.List)
                {
                    found |= item.Same(left);
                }

                value = ExpressionValue.From(found);
                return true;
        }

        if (left.Type == ExpressionType.String && right.Type == ExpressionType.String)
        {
            return TryApplyToTexts(context, name, left.Text, right.Text, out value);
        }

        return left.IsNumber && right.IsNumber
            ? TryApplyToNumbers(context, name, left, right, out value)
            : context.Fail($"'{name}' does not fit '{left}' and '{right}'");
    }

    private static bool Is(ExpressionType type, ExpressionType wanted) => type == wanted || type == ExpressionType.Any;

    private static bool IsNumber(ExpressionType type) => type is ExpressionType.Int or ExpressionType.Float or ExpressionType.Any;

    private static bool TryApplyToTexts(ExpressionContext context, string name, string left, string right, out ExpressionValue value)
    {
        value = default;
        if (name == "+")
        {
            if (left.Length + right.Length > MaxText)
            {
                return context.Fail($"the text would be longer than {MaxText} characters");
            }

            value = ExpressionValue.From(left + right);
            return true;
        }

        int order = string.CompareOrdinal(left, right);
        bool? result = name switch
        {
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            ">=" => order >= 0,
            "contains" => left.Contains(right, StringComparison.Ordinal),
            "startsWith" => left.StartsWith(right, StringComparison.Ordinal),
            "endsWith" => left.EndsWith(right, StringComparison.Ordinal),
            _ => null,
        };
        value = ExpressionValue.From(result ?? false);
        return result is not null || context.Fail($"'{name}' does not fit texts");
    }

    private static bool TryApplyToNumbers(ExpressionContext context, string name, in ExpressionValue left, in ExpressionValue right, out ExpressionValue value)
    {
        value = default;
        bool whole = left.Type == ExpressionType.Int && right.Type == ExpressionType.Int;
        switch (name)
        {
            case "+":
                value = whole ? ExpressionValue.From(unchecked(left.Int + right.Int)) : ExpressionValue.From(left.Number + right.Number);
                return true;
            case "-":
                value = whole ? ExpressionValue.From(unchecked(left.Int - right.Int)) : ExpressionValue.From(left.Number - right.Number);
                return true;
            case "*":
                value = whole ? ExpressionValue.From(unchecked(left.Int * right.Int)) : ExpressionValue.From(left.Number * right.Number);
                return true;
            case "/":
                value = ExpressionValue.From(left.Number / right.Number);
                return true;
            case "**" or "^":
                value = ExpressionValue.From(Math.Pow(left.Number, right.Number));
                return true;
            case "%" when whole:
                if (right.Int == 0)
                {
                    return context.Fail("a number cannot be divided by 0");
                }

                value = ExpressionValue.From(right.Int == -1 ? 0 : left.Int % right.Int);
                return true;
            case ".." when whole:
                if ((Int128)right.Int - left.Int >= MaxRange)
                {
                    return context.Fail($"'..' makes at most {MaxRange} numbers");
                }

                List<ExpressionValue> range = [];
                for (long i = left.Int; i <= right.Int; i++)
                {
                    range.Add(ExpressionValue.From(i));
                }

                value = ExpressionValue.From(range);
                return true;
        }

        int order = whole ? left.Int.CompareTo(right.Int) : left.Number.CompareTo(right.Number);
        bool? result = name switch
        {
            "<" => order < 0,
            ">" => order > 0,
            "<=" => order <= 0,
            ">=" => order >= 0,
            _ => null,
        };
        value = ExpressionValue.From(result ?? false);
        return result is not null || context.Fail($"'{name}' does not fit numbers");
    }
}
