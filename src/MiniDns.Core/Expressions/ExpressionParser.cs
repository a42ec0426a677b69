using System.Globalization;
using MiniDns.Configuration;

namespace MiniDns.Expressions;

/// <summary>Reads an expression and checks its types as far as they are known. Ends at the first error.</summary>
internal sealed class ExpressionParser
{
    /// <summary>How deep an expression may nest.</summary>
    public const int MaxDepth = 64;

    private readonly ExpressionLexer _lexer;
    private readonly ExpressionEnvironment _environment;
    private readonly List<(string Function, string Literal)> _literals = [];
    private ExpressionToken _token;
    private int _depth;

    /// <summary>Starts reading.</summary>
    public ExpressionParser(string text, ExpressionEnvironment environment)
    {
        _lexer = new ExpressionLexer(text);
        _environment = environment;
        _token = _lexer.Next();
    }

    /// <summary>What is wrong, when something is.</summary>
    public ExpressionProblem? Problem { get; private set; }

    /// <summary>The texts that functions which take literals are called with.</summary>
    public IReadOnlyList<(string Function, string Literal)> Literals => _literals;

    /// <summary>Reads the whole expression.</summary>
    public ExpressionNode? Parse()
    {
        int temporaries = _environment.TemporaryCount;
        ExpressionNode? root = ReadExpression();
        _environment.ForgetTemporaries(temporaries);
        if (root is not null && _token.Kind != ExpressionTokenKind.End)
        {
            return Fail(_token.Offset, $"an operator or the end is expected, not '{_token.Text}'");
        }

        return root;
    }

    private ExpressionNode? Fail(int offset, string message)
    {
        Problem ??= _token.Kind == ExpressionTokenKind.Error ? new ExpressionProblem(_token.Offset, _token.Text) : new ExpressionProblem(offset, message);
        return null;
    }

    private ExpressionToken Take()
    {
        ExpressionToken token = _token;
        _token = _lexer.Next();
        return token;
    }

    private bool IsOperator(string text) => _token.Kind == ExpressionTokenKind.Operator && _token.Text == text;

    private bool IsWord(string text) => _token.Kind == ExpressionTokenKind.Name && _token.Text == text;

    private bool TakeIf(string text)
    {
        bool isThere = IsOperator(text);
        if (isThere)
        {
            Take();
        }

        return isThere;
    }

    private bool Expect(string text)
    {
        if (TakeIf(text))
        {
            return true;
        }

        Fail(_token.Offset, _token.Kind == ExpressionTokenKind.End ? $"'{text}' is expected before the end" : $"'{text}' is expected, not '{_token.Text}'");
        return false;
    }

    private ExpressionNode? ReadExpression()
    {
        if (++_depth > MaxDepth)
        {
            return Fail(_token.Offset, $"an expression must not nest deeper than {MaxDepth}");
        }

        ExpressionNode? node = IsWord("let") ? ReadLet() : ReadConditional();
        while (node is not null && IsOperator("|"))
        {
            Take();
            ExpressionToken name = Take();
            node = name.Kind == ExpressionTokenKind.Name && IsOperator("(") ? ReadCall(name, node) : Fail(name.Offset, "a function is expected after '|'");
        }

        _depth--;
        return node;
    }

    private ExpressionNode? ReadLet()
    {
        Take();
        ExpressionToken name = Take();
        if (name.Kind != ExpressionTokenKind.Name || !_environment.IsFree(name.Text))
        {
            return Fail(name.Offset, $"'{name.Text}' cannot be a variable's name: it is no name, or means something already");
        }

        if (!Expect("=") || ReadConditional() is not { } value || !Expect(";"))
        {
            return null;
        }

        int place = _environment.DeclareTemporary(name.Text, value.Type);
        if (place < 0)
        {
            return Fail(name.Offset, "there are too many variables");
        }

        return ReadExpression() is { } rest ? new ExpressionNode.Let(place, value, rest) : null;
    }

    private ExpressionNode? ReadConditional()
    {
        ExpressionNode? condition = ReadBinary(1);
        if (condition is null || !IsOperator("?"))
        {
            return condition;
        }

        int offset = Take().Offset;
        if (condition.Type is not (ExpressionType.Bool or ExpressionType.Any))
        {
            return Fail(offset, $"before '?' something true or false is expected, not {ExpressionOperators.NameOf(condition.Type)}");
        }

        return ReadExpression() is { } yes && Expect(":") && ReadExpression() is { } no ? new ExpressionNode.Condition(condition, yes, no) : null;
    }

    private ExpressionNode? ReadBinary(int least)
    {
        ExpressionNode? left = ReadUnary();
        while (left is not null && _token.Kind is ExpressionTokenKind.Operator or ExpressionTokenKind.Name
            && ExpressionOperators.Precedence(_token.Text) is > 0 and int precedence && precedence >= least)
        {
            ExpressionToken token = Take();
            string name = token.Text;
            bool isNegated = name == "not";
            if (isNegated)
            {
                name = Take().Text;
                if (name is not ("in" or "contains" or "startsWith" or "endsWith" or "matches"))
                {
                    return Fail(token.Offset, "between two values 'not' stands before 'in', 'contains', 'startsWith', 'endsWith' or 'matches'");
                }
            }

            // Every operator makes the tree one level deeper.
            if (++_depth > MaxDepth * 4)
            {
                return Fail(token.Offset, "the expression has too many operators");
            }

            int offset = _token.Offset;
            ExpressionNode? right = ReadBinary(name is "**" or "^" ? precedence : precedence + 1);
            left = right is null ? null : Combine(token.Offset, offset, name, left, right);
            if (left is not null && isNegated)
            {
                left = new ExpressionNode.Operation("not", ExpressionType.Bool, left, null);
            }
        }

        return left;
    }

    private ExpressionNode? Combine(int at, int rightAt, string name, ExpressionNode left, ExpressionNode right)
    {
        switch (name)
        {
            case "and" or "&&" or "or" or "||":
                return left.Type is ExpressionType.Bool or ExpressionType.Any && right.Type is ExpressionType.Bool or ExpressionType.Any
                    ? new ExpressionNode.Choice(name is "or" or "||", left, right)
                    : Mismatch(at, name, left, right);
            case "??":
                return new ExpressionNode.Fallback(left, right);
            case "matches":
                if (right is not ExpressionNode.Literal { Constant.Type: ExpressionType.String } literal)
                {
                    return Fail(rightAt, "after 'matches' a regular expression in quotes is expected");
                }

                if (left.Type is not (ExpressionType.String or ExpressionType.Any))
                {
                    return Mismatch(at, name, left, right);
                }

                return GoRegex.TryParse(literal.Constant.Text, out GoRegex? pattern, out string? error) ? new ExpressionNode.Matching(left, pattern) : Fail(rightAt, error);
        }

        return ExpressionOperators.TryResult(name, left.Type, right.Type, out ExpressionType type)
            ? new ExpressionNode.Operation(name, type, left, right)
            : Mismatch(at, name, left, right);
    }

    private ExpressionNode? Mismatch(int at, string name, ExpressionNode left, ExpressionNode right) =>
        Fail(at, $"'{name}' does not fit {ExpressionOperators.NameOf(left.Type)} and {ExpressionOperators.NameOf(right.Type)}");

    private ExpressionNode? ReadUnary()
    {
        bool isNot = IsOperator("!") || IsWord("not");
        if (!isNot && !IsOperator("-") && !IsOperator("+"))
        {
            return ReadPostfix();
        }

        ExpressionToken token = Take();
        if (++_depth > MaxDepth * 4)
        {
            return Fail(token.Offset, "the expression has too many operators");
        }

        ExpressionNode? operand = isNot ? ReadUnary() : ReadBinary(9);
        if (operand is null)
        {
            return null;
        }

        bool fits = operand.Type == ExpressionType.Any || (isNot ? operand.Type == ExpressionType.Bool : operand.Type is ExpressionType.Int or ExpressionType.Float);
        return fits
            ? new ExpressionNode.Operation(isNot ? "not" : token.Text, isNot ? ExpressionType.Bool : operand.Type, operand, null)
            : Fail(token.Offset, $"'{token.Text}' does not fit {ExpressionOperators.NameOf(operand.Type)}");
    }

    private ExpressionNode? ReadPostfix()
    {
        ExpressionNode? node = ReadPrimary();
        while (node is not null && (IsOperator("[") || IsOperator(".")))
        {
            ExpressionToken token = Take();
            if (token.Text == ".")
            {
                return Fail(token.Offset, "values have no fields");
            }

            if (++_depth > MaxDepth * 4)
            {
                return Fail(token.Offset, "the expression has too many operators");
            }

            if (node.Type is not (ExpressionType.Any or ExpressionType.List or ExpressionType.String))
            {
                return Fail(token.Offset, $"a value of type {ExpressionOperators.NameOf(node.Type)} has no elements");
            }

            node = ReadBrackets(node);
        }

        return node;
    }

    private ExpressionNode? ReadBrackets(ExpressionNode of)
    {
        ExpressionNode? from = null;
        if (!IsOperator(":") && (from = ReadExpression()) is null)
        {
            return null;
        }

        if (TakeIf("]"))
        {
            return new ExpressionNode.Element(of, from!);
        }

        ExpressionNode? to = null;
        if (!Expect(":") || (!IsOperator("]") && (to = ReadExpression()) is null))
        {
            return null;
        }

        return Expect("]") ? new ExpressionNode.Part(of, from, to) : null;
    }

    private ExpressionNode? ReadPrimary()
    {
        ExpressionToken token = Take();
        switch (token.Kind)
        {
            case ExpressionTokenKind.String:
                return new ExpressionNode.Literal(ExpressionValue.From(token.Text));
            case ExpressionTokenKind.Int:
                return TryReadInt(token.Text, out long whole) ? new ExpressionNode.Literal(ExpressionValue.From(whole)) : Fail(token.Offset, $"'{token.Text}' is not a number");
            case ExpressionTokenKind.Float:
                return double.TryParse(token.Text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                    ? new ExpressionNode.Literal(ExpressionValue.From(number))
                    : Fail(token.Offset, $"'{token.Text}' is not a number");
            case ExpressionTokenKind.Name when IsOperator("("):
                return ReadCall(token, null);
            case ExpressionTokenKind.Name:
                return ReadName(token);
            case ExpressionTokenKind.Operator when token.Text == "(":
                return ReadExpression() is { } inside && Expect(")") ? inside : null;
            case ExpressionTokenKind.Operator when token.Text == "[":
                return ReadList();
            case ExpressionTokenKind.Operator when token.Text == "#":
                return _environment.TryFindVariable("#", out int place, out ExpressionType type)
                    ? new ExpressionNode.Variable(place, type)
                    : Fail(token.Offset, "'#' stands for an element, inside any(), filter() and the like");
            case ExpressionTokenKind.Error:
                Problem ??= new ExpressionProblem(token.Offset, token.Text);
                return null;
            default:
                return Fail(token.Offset, token.Kind == ExpressionTokenKind.End ? "a value is expected before the end" : $"a value is expected, not '{token.Text}'");
        }
    }

    private ExpressionNode? ReadName(ExpressionToken token)
    {
        switch (token.Text)
        {
            case "true" or "false":
                return new ExpressionNode.Literal(ExpressionValue.From(token.Text == "true"));
            case "nil":
                return new ExpressionNode.Literal(default);
        }

        if (_environment.TryFindVariable(token.Text, out int place, out ExpressionType type))
        {
            return new ExpressionNode.Variable(place, type);
        }

        return Fail(token.Offset, _environment.TryFindFunction(token.Text, out _)
            ? $"'{token.Text}' is a function: write {token.Text}()"
            : $"there is nothing of the name '{token.Text}'{NearNames.Hint(token.Text, _environment.Names)}");
    }

    private ExpressionNode? ReadList()
    {
        List<ExpressionNode> items = [];
        while (!TakeIf("]"))
        {
            if ((items.Count > 0 && !Expect(",")) || ReadExpression() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return items.TrueForAll(i => i is ExpressionNode.Literal)
            ? new ExpressionNode.Literal(ExpressionValue.From([.. items.Select(i => ((ExpressionNode.Literal)i).Constant)]))
            : new ExpressionNode.Elements([.. items]);
    }

    /// <summary>Reads a function's arguments, after its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="piped">What a pipe brings as the first argument.</param>
    private ExpressionNode? ReadCall(ExpressionToken name, ExpressionNode? piped)
    {
        Take();
        if (ExpressionNode.Over.Names.Contains(name.Text, StringComparer.Ordinal))
        {
            return ReadOver(name, piped);
        }

        if (!_environment.TryFindFunction(name.Text, out ExpressionFunction? function))
        {
            return Fail(name.Offset, $"there is no function '{name.Text}'{NearNames.Hint(name.Text, _environment.Names)}");
        }

        List<ExpressionNode> arguments = piped is null ? [] : [piped];
        for (bool isFirst = true; !TakeIf(")"); isFirst = false)
        {
            if ((!isFirst && !Expect(",")) || ReadExpression() is not { } argument)
            {
                return null;
            }

            arguments.Add(argument);
        }

        int most = function.Parameters.Count;
        if (arguments.Count > most || arguments.Count < most - function.Optional)
        {
            return Fail(name.Offset, string.Create(CultureInfo.InvariantCulture, $"'{name.Text}' takes {(function.Optional > 0 ? $"{most - function.Optional} to {most}" : most.ToString(CultureInfo.InvariantCulture))} argument(s), not {arguments.Count}"));
        }

        for (int i = 0; i < arguments.Count; i++)
        {
            ExpressionType wanted = function.Parameters[i];
            ExpressionType given = arguments[i].Type;
            if (wanted != given && wanted != ExpressionType.Any && given != ExpressionType.Any && (wanted, given) is not (ExpressionType.Float, ExpressionType.Int))
            {
                return Fail(name.Offset, $"'{name.Text}' takes {ExpressionOperators.NameOf(wanted)}, not {ExpressionOperators.NameOf(given)}, as argument {i + 1}");
            }

            if (function.TakesLiterals)
            {
                if (arguments[i] is not ExpressionNode.Literal { Constant.Type: ExpressionType.String } literal)
                {
                    return Fail(name.Offset, $"'{name.Text}' takes text in quotes only");
                }

                _literals.Add((name.Text, literal.Constant.Text));
            }
        }

        return new ExpressionNode.Call(function, [.. arguments]);
    }

    private ExpressionNode? ReadOver(ExpressionToken name, ExpressionNode? piped)
    {
        ExpressionNode? list = piped ?? ReadExpression();
        if (list is null || (piped is null && !Expect(",")))
        {
            return null;
        }

        if (list.Type is not (ExpressionType.List or ExpressionType.Any))
        {
            return Fail(name.Offset, $"'{name.Text}' takes a list, not {ExpressionOperators.NameOf(list.Type)}");
        }

        int kept = _environment.TemporaryCount;
        int place = _environment.DeclareTemporary("#", ExpressionType.Any);
        if (place < 0)
        {
            return Fail(name.Offset, "there are too many variables");
        }

        bool hasBraces = TakeIf("{");
        ExpressionNode? body = ReadExpression();
        _environment.ForgetTemporaries(kept);
        return body is not null && (!hasBraces || Expect("}")) && Expect(")") ? new ExpressionNode.Over(name.Text, list, body, place) : null;
    }

    private static bool TryReadInt(string text, out long value)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        NumberStyles style = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? NumberStyles.AllowHexSpecifier
            : digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase) ? NumberStyles.AllowBinarySpecifier : NumberStyles.None;
        return long.TryParse(style == NumberStyles.None ? digits : digits.AsSpan(2), style, CultureInfo.InvariantCulture, out value);
    }
}
