using MiniDns.Configuration;
using MiniDns.Plugins;

namespace MiniDns.Expressions;

/// <summary>Reads an expression and checks its types as far as they are known. Ends at the first error.</summary>
internal sealed partial class ExpressionParser
{
    /// <summary>How deep an expression may nest.</summary>
    public const int MaxDepth = 100;

    /// <summary>The most operators of an expression: each may make it one level deeper.</summary>
    public const int MaxOperators = 500;

    private readonly ExpressionLexer _lexer;
    private readonly ExpressionEnvironment _environment;
    private readonly List<MetadataLabel> _labels = [];
    private ExpressionToken _token;
    private int _depth;
    private int _operators;

    /// <summary>Starts reading.</summary>
    public ExpressionParser(string text, ExpressionEnvironment environment)
    {
        _lexer = new ExpressionLexer(text);
        _environment = environment;
        _token = _lexer.Next();
    }

    /// <summary>What is wrong, when something is.</summary>
    public ExpressionProblem? Problem { get; private set; }

    /// <summary>The labels of metadata that it asks for.</summary>
    public IReadOnlyList<MetadataLabel> Labels => _labels;

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
        if (IsWord("let"))
        {
            return ReadNested(ReadLet);
        }

        ExpressionNode? node = ReadBinary(0);
        return node is not null && IsOperator("?") ? ReadChoice(node) : node;
    }

    private ExpressionNode? ReadNested(Func<ExpressionNode?> read)
    {
        if (++_depth > MaxDepth)
        {
            return Fail(_token.Offset, $"an expression must not nest deeper than {MaxDepth}");
        }

        ExpressionNode? node = read();
        _depth--;
        return node;
    }

    private bool CountOperator(ExpressionToken token)
    {
        bool isRight = ++_operators <= MaxOperators;
        if (!isRight)
        {
            Fail(token.Offset, $"an expression must not have more than {MaxOperators} operators");
        }

        return isRight;
    }

    private ExpressionNode? ReadLet()
    {
        Take();
        ExpressionToken name = Take();
        if (name.Kind != ExpressionTokenKind.Name || !_environment.IsFree(name.Text))
        {
            return Fail(name.Offset, $"'{name.Text}' cannot be a variable's name: it is no name, or means something already");
        }

        if (!Expect("=") || ReadExpression() is not { } value || !Expect(";"))
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

    private ExpressionNode? ReadChoice(ExpressionNode condition)
    {
        ExpressionToken mark = Take();
        if (condition.Type is not (ExpressionType.Bool or ExpressionType.Any))
        {
            return Fail(mark.Offset, $"before '?' something true or false is expected, not {ExpressionOperators.NameOf(condition.Type)}");
        }

        return CountOperator(mark) && ReadNested(ReadExpression) is { } yes && Expect(":") && ReadNested(ReadExpression) is { } no
            ? new ExpressionNode.Condition(condition, yes, no)
            : null;
    }

    /// <summary>Reads values and the operators between them that bind at least so tightly.</summary>
    private ExpressionNode? ReadBinary(int least)
    {
        ExpressionNode? left = ReadNested(ReadUnary);
        while (left is not null && _token.Kind is ExpressionTokenKind.Operator or ExpressionTokenKind.Name
            && ExpressionOperators.Binary.TryGetValue(_token.Text, out (ExpressionOperator Operator, int Precedence) binary) && binary.Precedence >= least)
        {
            ExpressionToken token = Take();
            if (!CountOperator(token))
            {
                return null;
            }

            if (binary.Operator == ExpressionOperator.Pipe)
            {
                ExpressionToken name = Take();
                left = name.Kind == ExpressionTokenKind.Name && IsOperator("(") ? ReadCall(name, left) : Fail(name.Offset, "a function is expected after '|'");
                continue;
            }

            bool isNegated = binary.Operator == ExpressionOperator.Not;
            ExpressionToken symbol = isNegated ? Take() : token;
            if (isNegated && !(ExpressionOperators.Binary.TryGetValue(symbol.Text, out binary) && ExpressionOperators.CanBeNegated(binary.Operator)))
            {
                return Fail(token.Offset, "between two values 'not' stands before 'in', 'contains', 'startsWith', 'endsWith' or 'matches'");
            }

            int offset = _token.Offset;
            int precedence = binary.Operator == ExpressionOperator.Power ? binary.Precedence : binary.Precedence + 1;
            ExpressionNode? right = ReadNested(() => ReadBinary(precedence));
            left = right is null ? null : Combine(token.Offset, offset, symbol.Text, binary.Operator, left, right);
            left = left is not null && isNegated ? new ExpressionNode.Negation(left) : left;
        }

        return left;
    }

    private ExpressionNode? Combine(int at, int rightAt, string name, ExpressionOperator @operator, ExpressionNode left, ExpressionNode right)
    {
        switch (@operator)
        {
            case ExpressionOperator.And or ExpressionOperator.Or:
                return left.Type is ExpressionType.Bool or ExpressionType.Any && right.Type is ExpressionType.Bool or ExpressionType.Any
                    ? new ExpressionNode.Choice(@operator == ExpressionOperator.Or, left, right)
                    : Mismatch(at, name, left, right);
            case ExpressionOperator.Otherwise:
                return new ExpressionNode.Fallback(left, right);
            case ExpressionOperator.Matches:
                if (right is not ExpressionNode.Literal { Constant.Type: ExpressionType.String } literal)
                {
                    return Fail(rightAt, "after 'matches' a regular expression in quotes is expected");
                }

                if (left.Type is not (ExpressionType.String or ExpressionType.Any))
                {
                    return Mismatch(at, name, left, right);
                }

                return GoRegex.TryParse(literal.Constant.ToString(), out GoRegex? pattern, out string? error) ? new ExpressionNode.Matching(left, pattern) : Fail(rightAt, error);
        }

        return ExpressionOperators.TryResult(@operator, left.Type, right.Type, out ExpressionType type)
            ? new ExpressionNode.Operation(@operator, type, left, right)
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
        if (!CountOperator(token) || ReadNested(() => ReadBinary(isNot ? ExpressionOperators.NotPrecedence : ExpressionOperators.SignPrecedence)) is not { } operand)
        {
            return null;
        }

        bool fits = operand.Type == ExpressionType.Any || (isNot ? operand.Type == ExpressionType.Bool : operand.Type is ExpressionType.Int or ExpressionType.Float);
        return !fits ? Fail(token.Offset, $"'{token.Text}' does not fit {ExpressionOperators.NameOf(operand.Type)}")
            : isNot ? new ExpressionNode.Negation(operand)
            : new ExpressionNode.Sign(token.Text == "-", operand);
    }
}
