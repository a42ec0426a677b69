using System.Globalization;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Expressions;

/// <summary>Reads an expression of the language that CoreDNS's configurations have (expr-lang), as far as it makes sense for queries.</summary>
/// <remarks>Operators bind as there: <c>|</c>, then <c>or</c>, <c>and</c>, comparisons, <c>..</c>, sums, <c>not</c>, products, signs, powers, <c>??</c>.</remarks>
internal sealed class ExpressionParser
{
    private const int MaxDepth = 100;
    private const int NotPrecedence = 50;
    private const int SignPrecedence = 90;

    private static readonly Dictionary<string, int> Precedences = new(StringComparer.Ordinal)
    {
        ["|"] = 0, ["or"] = 10, ["||"] = 10, ["and"] = 15, ["&&"] = 15, ["=="] = 20, ["!="] = 20, ["<"] = 20, [">"] = 20, ["<="] = 20, [">="] = 20,
        ["in"] = 20, ["matches"] = 20, ["contains"] = 20, ["startsWith"] = 20, ["endsWith"] = 20, [".."] = 25, ["+"] = 30, ["-"] = 30,
        ["*"] = 60, ["/"] = 60, ["%"] = 60, ["**"] = 100, ["^"] = 100, ["??"] = 500,
    };

    private static readonly string[] Negatable = ["in", "matches", "contains", "startsWith", "endsWith"];
    private static readonly string[] Predicates = ["all", "any", "none", "one", "count"];

    private readonly List<ExpressionToken> _tokens;
    private readonly ExpressionFunctions _functions;
    private int _next;
    private int _depth;
    private ListNode? _list;        // what the predicate that is being read is about

    private ExpressionParser(List<ExpressionToken> tokens, ExpressionFunctions functions)
    {
        _tokens = tokens;
        _functions = functions;
    }

    private ExpressionToken Current => _tokens[_next];

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="functions">The functions that it may use.</param>
    /// <exception cref="ExpressionException">It cannot be understood.</exception>
    public static ExpressionNode Parse(string text, ExpressionFunctions functions)
    {
        var parser = new ExpressionParser(ExpressionLexer.Read(text), functions);
        ExpressionNode node = parser.ReadExpression(0);
        return parser.Current.Kind == ExpressionTokenKind.End ? node : throw parser.Unexpected("an operator");
    }

    private ExpressionNode ReadExpression(int least)
    {
        if (++_depth > MaxDepth)
        {
            throw new ExpressionException(Current.Position, $"the expression is nested deeper than {MaxDepth}");
        }

        ExpressionNode left = ReadOperand();
        while (true)
        {
            ExpressionToken symbol = Current;
            bool isNegated = symbol.Is("not") && Array.Exists(Negatable, _tokens[_next + 1].Is);
            symbol = isNegated ? _tokens[_next + 1] : symbol;
            if (symbol.Kind is not (ExpressionTokenKind.Symbol or ExpressionTokenKind.Word)
                || !Precedences.TryGetValue(symbol.Value, out int precedence)
                || precedence < least)
            {
                break;
            }

            _next += isNegated ? 2 : 1;
            if (symbol.Is("|"))
            {
                left = ReadCall(Take(ExpressionTokenKind.Word, "a function"), left);
                continue;
            }

            ExpressionNode right = ReadExpression(symbol.Value is "**" or "^" ? precedence : precedence + 1);
            ExpressionNode node = Operators.Binary(symbol, left, right);
            left = isNegated ? Not(node) : node;
        }

        if (least == 0 && Current.Is("?"))
        {
            left = ReadChoice(left);
        }

        _depth--;
        return left;
    }

    private ExpressionNode ReadChoice(ExpressionNode condition)
    {
        ExpressionToken mark = Current;
        Expect(condition, ExpressionKind.Bool, mark.Position, "before '?'");
        _next++;
        ExpressionNode yes = ReadExpression(0);
        TakeSymbol(":");
        ExpressionNode no = ReadExpression(0);
        return yes.Kind switch
        {
            ExpressionKind.Bool when no.Kind == yes.Kind => new BoolNode(s => (condition.Bool(s) ? yes : no).Bool(s)),
            ExpressionKind.Text when no.Kind == yes.Kind => new TextNode(s => (condition.Bool(s) ? yes : no).Text(s)),
            ExpressionKind.Int when no.Kind == yes.Kind => new IntNode(s => (condition.Bool(s) ? yes : no).Int(s)),
            _ when yes.IsNumber && no.IsNumber => new FloatNode(s => (condition.Bool(s) ? yes : no).Float(s)),
            _ => throw new ExpressionException(mark.Position, $"both sides of ':' have to be of one kind, not {Kinds.Name(yes)} and {Kinds.Name(no)}"),
        };
    }

    private ExpressionNode ReadOperand()
    {
        ExpressionToken token = Current;
        if (token.Is("not") || token.Is("!"))
        {
            _next++;
            ExpressionNode node = ReadExpression(NotPrecedence);
            Expect(node, ExpressionKind.Bool, token.Position, $"after '{token.Value}'");
            return Not(node);
        }

        if (token.Is("-") || token.Is("+"))
        {
            _next++;
            ExpressionNode node = ReadExpression(SignPrecedence);
            return !node.IsNumber ? throw new ExpressionException(token.Position, $"a number is expected after '{token.Value}', not {Kinds.Name(node)}")
                : token.Is("+") ? node
                : node.Kind == ExpressionKind.Int ? new IntNode(s => -node.Int(s)) : new FloatNode(s => -node.Float(s));
        }

        ExpressionNode operand = ReadPrimary();
        while (Current.Is("["))
        {
            operand = ReadIndex(operand);
        }

        return operand;
    }

    private ExpressionNode ReadPrimary()
    {
        ExpressionToken token = Current;
        switch (token.Kind)
        {
            case ExpressionTokenKind.Text:
                _next++;
                return new TextLiteral(token.Value);
            case ExpressionTokenKind.Number:
                _next++;
                return Number(token);
            case ExpressionTokenKind.Word:
                _next++;
                return token.Value switch
                {
                    "true" => new BoolLiteral(true),
                    "false" => new BoolLiteral(false),
                    "nil" => new NilLiteral(),
                    _ => ReadCall(token, null),
                };
            default:
                break;
        }

        if (token.Is("("))
        {
            _next++;
            ExpressionNode inside = ReadExpression(0);
            TakeSymbol(")");
            return inside;
        }

        if (token.Is("["))
        {
            _next++;
            return new LiteralList([.. ReadList("]")]);
        }

        if (token.Is("#"))
        {
            _next++;
            return _list is { ElementKind: not null } list ? new ElementNode(list)
                : throw new ExpressionException(token.Position, "'#' stands for an element, in the predicate of all, any, none, one or count over a list of one kind");
        }

        throw Unexpected("a value");
    }

    private static ExpressionNode Number(ExpressionToken token)
    {
        string text = token.Value;
        ReadOnlySpan<char> digits = text.Length > 2 ? text.AsSpan(2) : default;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long whole))
        {
            return new IntLiteral(whole);
        }

        if (text.StartsWith("0b", StringComparison.OrdinalIgnoreCase) && long.TryParse(digits, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out whole))
        {
            return new IntLiteral(whole);
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out whole))
        {
            return new IntLiteral(whole);
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            ? new FloatLiteral(number)
            : throw new ExpressionException(token.Position, $"'{text}' is not a number");
    }

    /// <summary>Reads a call, whose name has been read.</summary>
    /// <param name="name">The name.</param>
    /// <param name="first">What a pipe puts before the arguments.</param>
    private ExpressionNode ReadCall(ExpressionToken name, ExpressionNode? first)
    {
        if (!Current.Is("("))
        {
            string hint = _functions.Knows(name.Value) ? $"; write '{name.Value}()'" : NearNames.Hint(name.Value, _functions.Names);
            throw new ExpressionException(name.Position, $"'{name.Value}' is not known{hint}");
        }

        _next++;
        if (Array.IndexOf(Predicates, name.Value) >= 0)
        {
            return ReadPredicate(name, first);
        }

        List<ExpressionNode> arguments = first is null ? [] : [first];
        arguments.AddRange(ReadList(")"));
        return _functions.Call(name, [.. arguments]);
    }

    /// <summary>Reads <c>any(LIST, PREDICATE)</c> and its like, after the bracket.</summary>
    private ExpressionNode ReadPredicate(ExpressionToken name, ExpressionNode? first)
    {
        ExpressionNode over = first ?? ReadExpression(0);
        if (over is not ListNode list)
        {
            throw new ExpressionException(name.Position, $"'{name.Value}' is for a list, not for {Kinds.Name(over)}");
        }

        if (first is null)
        {
            TakeSymbol(",");
        }

        if (_list is not null)
        {
            throw new ExpressionException(name.Position, "a predicate within a predicate is not supported");
        }

        _list = list;
        bool isBraced = Current.Is("{");
        _next += isBraced ? 1 : 0;
        int start = Current.Position;
        ExpressionNode predicate = ReadExpression(0);
        Expect(predicate, ExpressionKind.Bool, start, "as the predicate");
        if (isBraced)
        {
            TakeSymbol("}");
        }

        _list = null;
        TakeSymbol(")");
        return name.Value switch
        {
            "all" => new BoolNode(s => Matching(s, list, predicate, stopAtMiss: true) == list.Count(s)),
            "any" => new BoolNode(s => Matching(s, list, predicate, stopAtMiss: false) > 0),
            "none" => new BoolNode(s => Matching(s, list, predicate, stopAtMiss: false) == 0),
            "one" => new BoolNode(s => Matching(s, list, predicate, stopAtMiss: false) == 1),
            _ => new IntNode(s => Matching(s, list, predicate, stopAtMiss: false)),
        };
    }

    private static int Matching(EvaluationState state, ListNode list, ExpressionNode predicate, bool stopAtMiss)
    {
        int found = 0;
        int count = list.Count(state);
        for (int i = 0; i < count && !state.HasFailed; i++)
        {
            state.Element = i;
            if (predicate.Bool(state))
            {
                found++;
            }
            else if (stopAtMiss)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Reads <c>[2]</c> after a list, <c>[2:5]</c> after a text.</summary>
    private ExpressionNode ReadIndex(ExpressionNode of)
    {
        ExpressionToken bracket = Current;
        _next++;
        ExpressionNode? from = Current.Is(":") ? null : ReadExpression(1);
        bool isSlice = Current.Is(":");
        _next += isSlice ? 1 : 0;
        ExpressionNode? to = !isSlice || Current.Is("]") ? null : ReadExpression(1);
        TakeSymbol("]");
        if (from is { Kind: not ExpressionKind.Int } || to is { Kind: not ExpressionKind.Int })
        {
            throw new ExpressionException(bracket.Position, "whole numbers are expected in '[]'");
        }

        if (isSlice && of.Kind == ExpressionKind.Text)
        {
            return new TextNode(s => Slice(s, of.Text(s), from, to));
        }

        if (isSlice || of is not ListNode list || list.ElementKind is not { } kind || from is null)
        {
            throw new ExpressionException(bracket.Position, $"'[]' is for an element of a list of one kind, '[:]' for a part of a text; this is {Kinds.Name(of)}");
        }

        return kind switch
        {
            ExpressionKind.Bool => new BoolNode(s => TryPlace(s, list, from, out int i) && list.BoolAt(s, i)),
            ExpressionKind.Int => new IntNode(s => TryPlace(s, list, from, out int i) ? list.IntAt(s, i) : 0),
            ExpressionKind.Float => new FloatNode(s => TryPlace(s, list, from, out int i) ? list.FloatAt(s, i) : 0),
            ExpressionKind.Text => new TextNode(s => TryPlace(s, list, from, out int i) ? list.TextAt(s, i) : default),
            _ => throw new ExpressionException(bracket.Position, "the elements of this list have no use"),
        };
    }

    private static bool TryPlace(EvaluationState state, ListNode list, ExpressionNode index, out int place)
    {
        int count = list.Count(state);
        long at = index.Int(state);
        at += at < 0 ? count : 0;
        place = (int)Math.Clamp(at, 0, int.MaxValue);
        if (at >= 0 && at < count)
        {
            return true;
        }

        state.Fail();
        return false;
    }

    private static ReadOnlySpan<char> Slice(EvaluationState state, ReadOnlySpan<char> text, ExpressionNode? from, ExpressionNode? to)
    {
        long start = from?.Int(state) ?? 0;
        long end = to?.Int(state) ?? text.Length;
        start = Math.Clamp(start < 0 ? start + text.Length : start, 0, text.Length);
        end = Math.Clamp(end < 0 ? end + text.Length : end, 0, text.Length);
        return start < end ? text[(int)start..(int)end] : "";
    }

    private List<ExpressionNode> ReadList(string end)
    {
        List<ExpressionNode> nodes = [];
        while (!Current.Is(end))
        {
            if (nodes.Count > 0)
            {
                TakeSymbol(",", end);
                if (Current.Is(end))
                {
                    break;
                }
            }

            nodes.Add(ReadExpression(0));
        }

        _next++;
        return nodes;
    }

    private static BoolNode Not(ExpressionNode node) => new(s => !node.Bool(s));

    private static void Expect(ExpressionNode node, ExpressionKind kind, int position, string where)
    {
        if (node.Kind != kind)
        {
            throw new ExpressionException(position, $"{Kinds.Name(kind)} is expected {where}, not {Kinds.Name(node)}");
        }
    }

    private ExpressionToken Take(ExpressionTokenKind kind, string what)
    {
        ExpressionToken token = Current;
        if (token.Kind != kind)
        {
            throw Unexpected(what);
        }

        _next++;
        return token;
    }

    private void TakeSymbol(string symbol, string? other = null)
    {
        if (!Current.Is(symbol))
        {
            throw Unexpected(other is null ? $"'{symbol}'" : $"'{symbol}' or '{other}'");
        }

        _next++;
    }

    private ExpressionException Unexpected(string expected) => new(Current.Position, $"{expected} is expected, not {Current}");
}
