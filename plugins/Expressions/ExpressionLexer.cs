using System.Globalization;
using System.Text;

namespace MiniDns.Plugins.Expressions;

/// <summary>Divides an expression into tokens.</summary>
internal static class ExpressionLexer
{
    private static readonly string[] Symbols =
        ["**", "==", "!=", "<=", ">=", "&&", "||", "..", "??", "+", "-", "*", "/", "%", "^", "<", ">", "!", "?", ":", "(", ")", "[", "]", "{", "}", ",", ".", "#", "|"];

    /// <summary>Reads all tokens, the last of which is the end.</summary>
    /// <exception cref="ExpressionException">A character or a text in quotes is wrong.</exception>
    public static List<ExpressionToken> Read(string text)
    {
        List<ExpressionToken> tokens = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new ExpressionToken(ExpressionTokenKind.End, "", at));
                return tokens;
            }

            int start = at;
            char first = text[at];
            if (char.IsAsciiLetter(first) || first is '_' or '$')
            {
                while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '$'))
                {
                    at++;
                }

                tokens.Add(new ExpressionToken(ExpressionTokenKind.Word, text[start..at], start));
            }
            else if (char.IsAsciiDigit(first))
            {
                at = EndOfNumber(text, at);
                tokens.Add(new ExpressionToken(ExpressionTokenKind.Number, text[start..at].Replace("_", "", StringComparison.Ordinal), start));
            }
            else if (first is '\'' or '"' or '`')
            {
                tokens.Add(new ExpressionToken(ExpressionTokenKind.Text, ReadText(text, ref at), start));
            }
            else if (Array.Find(Symbols, s => text.AsSpan(start).StartsWith(s, StringComparison.Ordinal)) is { } symbol)
            {
                at += symbol.Length;
                tokens.Add(new ExpressionToken(ExpressionTokenKind.Symbol, symbol, start));
            }
            else
            {
                throw new ExpressionException(at, $"'{first}' has no meaning here");
            }
        }
    }

    private static int EndOfNumber(string text, int at)
    {
        bool hasBase = text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O';
        while (at < text.Length)
        {
            char c = text[at];
            bool isPoint = c == '.' && !hasBase && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]);
            bool isSign = c is '+' or '-' && !hasBase && text[at - 1] is 'e' or 'E' && c is '+' or '-';
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !isPoint && !isSign)
            {
                break;
            }

            at++;
        }

        return at;
    }

    private static string ReadText(string text, ref int at)
    {
        int start = at;
        char quote = text[at++];
        var content = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] != '\\' || quote == '`')
            {
                content.Append(text[at++]);
                continue;
            }

            ReadEscape(text, ref at, content);
        }

        if (at == text.Length)
        {
            throw new ExpressionException(start, $"the text that begins with {quote} has no end");
        }

        at++;
        return content.ToString();
    }

    private static void ReadEscape(string text, ref int at, StringBuilder content)
    {
        int start = at;
        char kind = at + 1 < text.Length ? text[at + 1] : '\0';
        at += 2;
        int digits = kind switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (digits > 0)
        {
            if (at + digits > text.Length
                || !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
                || !Rune.TryCreate(value, out Rune rune))
            {
                throw new ExpressionException(start, $"'\\{kind}' is followed by {digits} hexadecimal digits of a character");
            }

            at += digits;
            content.Append(rune.ToString());
            return;
        }

        content.Append(kind switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'v' => '\v',
            '\\' or '\'' or '"' or '`' => kind,
            _ => throw new ExpressionException(start, $"'\\{kind}' is no escape; write '\\\\' for a backslash"),
        });
    }
}
