using System.Globalization;
using MiniDns.Configuration;

namespace MiniDns.Expressions;

/// <content>Values: what is written out, names, calls of functions, elements.</content>
internal sealed partial class ExpressionParser
{
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

            if (!CountOperator(token))
            {
                return null;
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
        if (!ReadItems("]", items))
        {
            return null;
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
        if (ExpressionLoop.Names.TryGetValue(name.Text, out ExpressionLoop.Kind kind))
        {
            return ReadLoop(name, kind, piped);
        }

        if (!_environment.TryFindFunction(name.Text, out ExpressionFunction? function))
        {
            return Fail(name.Offset, $"there is no function '{name.Text}'{NearNames.Hint(name.Text, _environment.Names)}");
        }

        List<ExpressionNode> arguments = piped is null ? [] : [piped];
        if (!ReadItems(")", arguments))
        {
            return null;
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
        }

        if (function.Make is null)
        {
            return new ExpressionNode.Call(function, [.. arguments]);
        }

        ExpressionNode? call = function.Make([.. arguments], out string? error);
        if (call is QueryFunctions.MetadataValue metadata)
        {
            _labels.Add(metadata.Label);
        }

        return call ?? Fail(name.Offset, error ?? "the arguments are wrong");
    }

    private ExpressionNode? ReadLoop(ExpressionToken name, ExpressionLoop.Kind kind, ExpressionNode? piped)
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
        int start = _token.Offset;
        ExpressionNode? body = ReadExpression();
        _environment.ForgetTemporaries(kept);
        if (body is null || (hasBraces && !Expect("}")) || !Expect(")"))
        {
            return null;
        }

        return kind == ExpressionLoop.Kind.Map || body.Type is ExpressionType.Bool or ExpressionType.Any
            ? new ExpressionLoop(kind, list, body, place)
            : Fail(start, $"'{name.Text}' asks each element something true or false, not {ExpressionOperators.NameOf(body.Type)}");
    }

    /// <summary>Reads values with commas between them, to the bracket behind the last.</summary>
    private bool ReadItems(string end, List<ExpressionNode> items)
    {
        for (bool isFirst = true; !TakeIf(end); isFirst = false)
        {
            if (!isFirst && (!Expect(",") || TakeIf(end)))
            {
                return Problem is null;
            }

            if (ReadExpression() is not { } item)
            {
                return false;
            }

            items.Add(item);
        }

        return true;
    }

    private static bool TryReadInt(string text, out long value)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase))
        {
            value = 0;
            foreach (char digit in digits.AsSpan(2))
            {
                if (digit is < '0' or > '7' || value > long.MaxValue >> 3)
                {
                    return false;
                }

                value = (value << 3) + (digit - '0');
            }

            return digits.Length > 2;
        }

        NumberStyles style = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? NumberStyles.AllowHexSpecifier
            : digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase) ? NumberStyles.AllowBinarySpecifier : NumberStyles.None;
        return long.TryParse(style == NumberStyles.None ? digits : digits.AsSpan(2), style, CultureInfo.InvariantCulture, out value);
    }
}
