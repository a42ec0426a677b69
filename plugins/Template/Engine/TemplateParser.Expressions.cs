using System.Globalization;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Template.Engine;

/// <content>Reads what has a value: pipelines, calls, fields and constants.</content>
internal sealed partial class TemplateParser
{
    /// <summary>Reads a pipeline, with the variable that takes its value if there is one.</summary>
    /// <param name="isSilent">True when a variable takes the value: nothing is written.</param>
    private TemplateExpression? ReadPipeline(out bool isSilent)
    {
        isSilent = false;
        if (_token.Kind != TemplateTokenKind.Variable)
        {
            return ReadPipelineFrom(null);
        }

        TemplateToken variable = _token;
        Advance();
        if (_token.Kind is not (TemplateTokenKind.Declare or TemplateTokenKind.Assign))
        {
            return ReadPipelineFrom(variable);
        }

        isSilent = true;
        bool declares = _token.Kind == TemplateTokenKind.Declare;
        Advance();
        if (ReadPipelineFrom(null) is not { } value)
        {
            return null;
        }

        int place = declares ? Declare(variable) : Find(variable);
        return _problem is null ? new TemplateExpression.Assignment(variable.Offset, place, value) : null;
    }

    /// <summary>Reads commands with pipes between them; each one's value is the last argument of the next.</summary>
    /// <param name="variable">A variable that was read already and starts the first command.</param>
    private TemplateExpression? ReadPipelineFrom(TemplateToken? variable)
    {
        int depth = _depth;
        TemplateExpression? value = ReadCommand(variable, null);
        while (value is not null && _token.Kind == TemplateTokenKind.Pipe)
        {
            int offset = _token.Offset;
            Advance();
            if (++_depth > MaxDepth)
            {
                Fail(offset, TooDeep);
                return null;
            }

            value = ReadCommand(null, value);
        }

        _depth = depth;
        return value;
    }

    /// <summary>Reads a function with its arguments, or a single value.</summary>
    /// <param name="variable">A variable that was read already and starts the command.</param>
    /// <param name="piped">What the pipe brings; null for the first command.</param>
    private TemplateExpression? ReadCommand(TemplateToken? variable, TemplateExpression? piped)
    {
        TemplateToken start = variable ?? _token;
        if (start.Kind == TemplateTokenKind.Word && start.Text is not ("true" or "false" or "nil"))
        {
            return ReadCall(start, piped);
        }

        if (ReadOperand(variable, allowsMethod: true) is not { } operand)
        {
            return null;
        }

        if (piped is not null)
        {
            Fail(start.Offset, "what stands after '|' must be a function");
            return null;
        }

        if (_token.Kind is not (TemplateTokenKind.Close or TemplateTokenKind.Pipe or TemplateTokenKind.RightParenthesis))
        {
            Fail(_token.Offset, _token.Kind is TemplateTokenKind.Declare or TemplateTokenKind.Assign or TemplateTokenKind.Comma
                ? $"'{_token.Text}' has no meaning here"
                : "only a function takes arguments");
            return null;
        }

        return operand;
    }

    private TemplateExpression? ReadCall(TemplateToken name, TemplateExpression? piped)
    {
        bool isChoice = name.Text is "and" or "or";
        TemplateFunction? function = null;
        if (!isChoice && !TemplateFunctions.TryFind(name.Text, out function))
        {
            Fail(name.Offset, $"there is no function '{name.Text}'{NearNames.Hint(name.Text, TemplateFunctions.Names)}; known are {string.Join(", ", TemplateFunctions.Names)}");
            return null;
        }

        Advance();
        List<TemplateExpression> arguments = [];
        while (_token.Kind is not (TemplateTokenKind.Close or TemplateTokenKind.Pipe or TemplateTokenKind.RightParenthesis))
        {
            if (ReadOperand(null, allowsMethod: false) is not { } argument)
            {
                return null;
            }

            arguments.Add(argument);
        }

        if (piped is not null)
        {
            arguments.Add(piped);
        }

        if (function is not null && (arguments.Count < function.LeastArguments || arguments.Count > function.MostArguments))
        {
            _warnings.Add(new TemplateProblem(name.Offset, $"'{function.Name}' takes {function.Arguments}, not {arguments.Count}"));
        }

        return function is not null
            ? new TemplateExpression.Call(name.Offset, function, [.. arguments])
            : new TemplateExpression.Choice(name.Offset, name.Text == "or", [.. arguments]);
    }

    /// <summary>Reads a constant, a variable, the dot, a field or a pipeline in parentheses, with the fields behind it.</summary>
    private TemplateExpression? ReadOperand(TemplateToken? variable, bool allowsMethod)
    {
        TemplateToken token = variable ?? _token;
        if (variable is null)
        {
            if (token.Kind is not (TemplateTokenKind.LeftParenthesis or TemplateTokenKind.Error))
            {
                Advance();
            }
        }

        bool isData = false;
        TemplateExpression? operand;
        switch (token.Kind)
        {
            case TemplateTokenKind.Variable:
                UsesData |= token.Text == "$";
                isData = token.Text == "$";
                operand = new TemplateExpression.Variable(token.Offset, Find(token));
                break;
            case TemplateTokenKind.Dot:
                UsesData = true;
                operand = new TemplateExpression.DotValue(token.Offset);
                break;
            case TemplateTokenKind.Field:
                UsesData = true;
                operand = ReadMember(new TemplateExpression.DotValue(token.Offset), token, _dotIsData, allowsMethod);
                break;
            case TemplateTokenKind.LeftParenthesis:
                operand = ReadParenthesis();
                break;
            case TemplateTokenKind.String:
                operand = new TemplateExpression.Literal(token.Offset, TemplateValue.From(token.Text));
                break;
            case TemplateTokenKind.Number:
                operand = ReadNumber(token);
                break;
            case TemplateTokenKind.Word when token.Text is "true" or "false":
                operand = new TemplateExpression.Literal(token.Offset, TemplateValue.From(token.Text == "true"));
                break;
            case TemplateTokenKind.Word when token.Text is "nil":
                operand = new TemplateExpression.Literal(token.Offset, TemplateValue.Nil);
                break;
            case TemplateTokenKind.Word when TemplateFunctions.Names.Contains(token.Text, StringComparer.Ordinal):
                Fail(token.Offset, $"a function among arguments stands in parentheses: ({token.Text} …)");
                return null;
            default:
                Fail(token.Offset, token.Kind == TemplateTokenKind.Close ? "a value is expected before '}}'" : $"a value is expected, not '{token.Text}'");
                return null;
        }

        return operand is null || _problem is not null ? null : ReadMembers(operand, isData, allowsMethod);
    }

    private TemplateExpression? ReadMembers(TemplateExpression operand, bool isData, bool allowsMethod)
    {
        for (int count = 0; _token.Kind == TemplateTokenKind.Field && !_token.AfterSpace; count++)
        {
            if (count == MaxDepth)
            {
                Fail(_token.Offset, TooDeep);
                return null;
            }

            TemplateToken field = _token;
            Advance();
            if (ReadMember(operand, field, isData, allowsMethod) is not { } member)
            {
                return null;
            }

            operand = member;
            isData = false;
        }

        if (_token.AfterSpace || _token.Kind is TemplateTokenKind.Close or TemplateTokenKind.Pipe or TemplateTokenKind.RightParenthesis
            or TemplateTokenKind.Comma or TemplateTokenKind.Declare or TemplateTokenKind.Assign)
        {
            return operand;
        }

        Fail(_token.Offset, $"a space is expected before '{_token.Text}'");
        return null;
    }

    /// <summary>A field of something; of the template's data, a method with its argument too.</summary>
    private TemplateExpression? ReadMember(TemplateExpression owner, TemplateToken field, bool isData, bool allowsMethod)
    {
        bool isMethod = isData && _schema.Methods.Contains(field.Text, StringComparer.Ordinal);
        if (isMethod)
        {
            if (allowsMethod && _token is { Kind: TemplateTokenKind.String, AfterSpace: true } argument)
            {
                Advance();
                _methodArguments.Add((field.Text, argument.Text));
                return new TemplateExpression.Method(field.Offset, owner, field.Text, argument.Text);
            }

            Fail(field.Offset, $"'.{field.Text}' takes a name in quotes: {(allowsMethod ? $".{field.Text} \"name\"" : $"(.{field.Text} \"name\")")}");
            return null;
        }

        if (isData && !_schema.Fields.Contains(field.Text, StringComparer.Ordinal))
        {
            _warnings.Add(new TemplateProblem(field.Offset, $"there is no field '.{field.Text}'{NearNames.Hint(field.Text, [.. _schema.Fields, .. _schema.Methods])}; rendering this fails"));
        }

        return new TemplateExpression.Member(field.Offset, owner, field.Text);
    }

    private TemplateExpression? ReadParenthesis()
    {
        int offset = _token.Offset;
        Advance();
        if (++_depth > MaxDepth)
        {
            Fail(offset, TooDeep);
            return null;
        }

        TemplateExpression? inside = ReadPipeline(out _);
        _depth--;
        if (inside is null)
        {
            return null;
        }

        if (_token.Kind != TemplateTokenKind.RightParenthesis)
        {
            Fail(offset, "this parenthesis is never closed; ')' is expected");
            return null;
        }

        Advance();
        return inside;
    }

    private TemplateExpression.Literal? ReadNumber(TemplateToken token)
    {
        string text = token.Text.Replace("_", "", StringComparison.Ordinal);
        bool isNegative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        (int skip, int radix) = digits switch
        {
            ['0', 'x' or 'X', ..] => (2, 16),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', 'o' or 'O', ..] => (2, 8),
            ['0', >= '0' and <= '9', ..] when digits.IndexOfAnyExceptInRange('0', '7') < 0 => (1, 8),
            _ => (0, 10),
        };
        if (TryWhole(digits[skip..], radix, out ulong whole))
        {
            if (!isNegative && whole > long.MaxValue)
            {
                Fail(token.Offset, $"'{token.Text}' is larger than a whole number may be");
                return null;
            }

            if (!isNegative || whole <= 1UL << 63)
            {
                return new TemplateExpression.Literal(token.Offset, TemplateValue.From(isNegative ? unchecked(-(long)whole) : (long)whole));
            }
        }

        if (radix != 16 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            return new TemplateExpression.Literal(token.Offset, TemplateValue.From(number));
        }

        Fail(token.Offset, $"'{token.Text}' is not a number");
        return null;
    }

    private static bool TryWhole(ReadOnlySpan<char> digits, int radix, out ulong number)
    {
        number = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : 99;
            UInt128 next = ((UInt128)number * (uint)radix) + (uint)digit;
            if (digit >= radix || next > ulong.MaxValue)
            {
                return false;
            }

            number = (ulong)next;
        }

        return digits.Length > 0;
    }
}
