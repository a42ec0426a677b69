using System.Globalization;
using System.Text;

namespace MiniDns.Expressions;

/// <summary>Divides an expression into tokens.</summary>
internal sealed class ExpressionLexer(string text)
{
    private static readonly string[] Operators =
    [
        "==", "!=", "<=", ">=", "&&", "||", "**", "..", "??",
        "+", "-", "*", "/", "%", "^", "<", ">", "!", "(", ")", "[", "]", "{", "}", ",", "?", ":", ".", "|", "#", ";", "=",
    ];

    private int _at;

    /// <summary>The words that are no names.</summary>
    public static IReadOnlySet<string> Reserved { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "true", "false", "nil", "and", "or", "not", "in", "contains", "startsWith", "endsWith", "matches", "let", "if", "else",
    };

    /// <summary>The next token.</summary>
    public ExpressionToken Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        int start = _at;
        if (start == text.Length)
        {
            return new ExpressionToken(ExpressionTokenKind.End, start, "");
        }

        char c = text[start];
        if (char.IsLetter(c) || c is '_' or '$')
        {
            while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '$'))
            {
                _at++;
            }

            return Take(ExpressionTokenKind.Name, start);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
        {
            return ReadNumber(start);
        }

        if (c is '"' or '\'' or '`')
        {
            return ReadString(c);
        }

        foreach (string one in Operators)
        {
            if (string.CompareOrdinal(text, start, one, 0, one.Length) == 0)
            {
                _at += one.Length;
                return new ExpressionToken(ExpressionTokenKind.Operator, start, one);
            }
        }

        return Fail(start, $"'{c}' has no meaning here");
    }

    private ExpressionToken Take(ExpressionTokenKind kind, int start) => new(kind, start, text[start.._at]);

    private ExpressionToken Fail(int at, string message)
    {
        _at = text.Length;
        return new ExpressionToken(ExpressionTokenKind.Error, at, message);
    }

    private ExpressionToken ReadNumber(int start)
    {
        bool isPrefixed = text[start] == '0' && start + 1 < text.Length && text[start + 1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O';
        bool isFloat = false;
        for (; _at < text.Length; _at++)
        {
            char c = text[_at];
            if (!isPrefixed && c == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1]))
            {
                isFloat = true;
            }
            else if (!isPrefixed && c is 'e' or 'E' && _at + 1 < text.Length)
            {
                isFloat = true;
                _at += text[_at + 1] is '+' or '-' ? 1 : 0;
            }
            else if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                break;
            }
        }

        return Take(isFloat ? ExpressionTokenKind.Float : ExpressionTokenKind.Int, start);
    }

    private ExpressionToken ReadString(char quote)
    {
        int start = _at++;
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (quote == '`' || text[_at] != '\\')
            {
                value.Append(text[_at++]);
                continue;
            }

            char escaped = _at + 1 < text.Length ? text[_at + 1] : '\0';
            const string Names = "abfnrtv\\\"'`";
            const string Values = "\a\b\f\n\r\t\v\\\"'`";
            int simple = Names.IndexOf(escaped, StringComparison.Ordinal);
            int digits = escaped switch
            {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            if (simple >= 0)
            {
                value.Append(Values[simple]);
                _at += 2;
            }
            else if (digits > 0 && _at + 2 + digits <= text.Length
                && int.TryParse(text.AsSpan(_at + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                && Rune.TryCreate(code, out Rune rune))
            {
                value.Append(rune.ToString());
                _at += 2 + digits;
            }
            else
            {
                return Fail(_at, "an escape must be \\n, \\t, \\\\, \\', \\\", \\x20, \\u00e4 or the like");
            }
        }

        if (_at == text.Length)
        {
            return Fail(start, $"this text is never closed; {quote} is expected");
        }

        _at++;
        return new ExpressionToken(ExpressionTokenKind.String, start, value.ToString());
    }
}
