using System.Globalization;
using System.Text;

namespace MiniDns.Plugins.Template.Engine;

/// <summary>Divides a template into tokens, as Go's text/template does.</summary>
/// <remarks>An error is a token too, and the last one: after it the lexer stands still.</remarks>
internal sealed class TemplateLexer(string text)
{
    private const string TrimmedSpace = " \t\r\n";

    private int _at;
    private bool _isInAction;
    private bool _trimsNext;
    private TemplateToken? _error;

    /// <summary>The next token.</summary>
    public TemplateToken Next()
    {
        if (_error is { } error)
        {
            return error;
        }

        while (!_isInAction)
        {
            if (NextOutside() is { } token)
            {
                return token;
            }
        }

        return NextInside();
    }

    private static bool IsWordCharacter(char c) => c == '_' || char.IsLetterOrDigit(c);

    /// <summary>Text up to the next action, or the action's start; null after a comment.</summary>
    private TemplateToken? NextOutside()
    {
        int start = _at;
        int open = text.IndexOf("{{", start, StringComparison.Ordinal);
        int end = open < 0 ? text.Length : open;
        bool trims = open >= 0 && IsTrimMarker(open + 2);
        ReadOnlySpan<char> outside = text.AsSpan(start, end - start);
        if (_trimsNext)
        {
            outside = outside.TrimStart(TrimmedSpace);
        }

        if (trims)
        {
            outside = outside.TrimEnd(TrimmedSpace);
        }

        if (outside.Length > 0)
        {
            // Comes back here with nothing before the action.
            _at = end;
            _trimsNext = false;
            return new TemplateToken(TemplateTokenKind.Text, start, outside.ToString(), false);
        }

        _trimsNext = false;
        if (open < 0)
        {
            _at = text.Length;
            return new TemplateToken(TemplateTokenKind.End, text.Length, "", false);
        }

        _at = open + (trims ? 3 : 2);
        int content = _at;
        if (trims)
        {
            content = SkipSpace(content);
        }

        if (text.AsSpan(content).StartsWith("/*"))
        {
            return SkipComment(open, content);
        }

        _isInAction = true;
        return new TemplateToken(TemplateTokenKind.Open, open, "{{", false);
    }

    /// <summary>A minus sign right inside the braces trims when white space follows it; else it belongs to a number.</summary>
    private bool IsTrimMarker(int at) => at + 1 < text.Length && text[at] == '-' && TrimmedSpace.Contains(text[at + 1], StringComparison.Ordinal);

    private int SkipSpace(int at)
    {
        while (at < text.Length && TrimmedSpace.Contains(text[at], StringComparison.Ordinal))
        {
            at++;
        }

        return at;
    }

    private TemplateToken? SkipComment(int open, int content)
    {
        int end = text.IndexOf("*/", content + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return Fail(open, "this comment is never closed; '*/}}' is expected");
        }

        int after = SkipSpace(end + 2);
        if (after > end + 2 && text.AsSpan(after).StartsWith("-}}"))
        {
            _trimsNext = true;
            _at = after + 3;
            return null;
        }

        if (!text.AsSpan(end + 2).StartsWith("}}"))
        {
            return Fail(end, "a comment must end with '*/}}' or '*/ -}}'");
        }

        _at = end + 4;
        return null;
    }

    private TemplateToken NextInside()
    {
        int before = _at;
        _at = SkipSpace(_at);
        bool space = _at > before;
        if (_at >= text.Length)
        {
            return Fail(text.Length, "this action is never closed; '}}' is expected");
        }

        if (space && text.AsSpan(_at).StartsWith("-}}"))
        {
            return Close(3, trims: true, space);
        }

        if (text.AsSpan(_at).StartsWith("}}"))
        {
            return Close(2, trims: false, space);
        }

        char c = text[_at];
        switch (c)
        {
            case '(':
                return Take(TemplateTokenKind.LeftParenthesis, 1, space);
            case ')':
                return Take(TemplateTokenKind.RightParenthesis, 1, space);
            case '|':
                return Take(TemplateTokenKind.Pipe, 1, space);
            case ',':
                return Take(TemplateTokenKind.Comma, 1, space);
            case '=':
                return Take(TemplateTokenKind.Assign, 1, space);
            case ':' when text.AsSpan(_at).StartsWith(":="):
                return Take(TemplateTokenKind.Declare, 2, space);
            case '"':
                return ReadQuoted(space);
            case '`':
                return ReadRaw(space);
            case '\'':
                return ReadCharacter(space);
            case '$':
                return Take(TemplateTokenKind.Variable, 1 + WordLength(_at + 1), space);
        }

        if (c == '.' && !(_at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
        {
            int length = WordLength(_at + 1);
            return length == 0
                ? Take(TemplateTokenKind.Dot, 1, space)
                : Take(TemplateTokenKind.Field, 1 + length, space) with { Text = text.Substring(_at - length, length) };
        }

        if (c == '.' || char.IsAsciiDigit(c) || (c is '+' or '-' && _at + 1 < text.Length && (char.IsAsciiDigit(text[_at + 1]) || text[_at + 1] == '.')))
        {
            return ReadNumber(space);
        }

        return WordLength(_at) is > 0 and int word
            ? Take(TemplateTokenKind.Word, word, space)
            : Fail(_at, $"'{c}' has no meaning here");
    }

    private int WordLength(int at)
    {
        int end = at;
        while (end < text.Length && IsWordCharacter(text[end]))
        {
            end++;
        }

        return end - at;
    }

    private TemplateToken Close(int length, bool trims, bool space)
    {
        _trimsNext = trims;
        _isInAction = false;
        return Take(TemplateTokenKind.Close, length, space);
    }

    private TemplateToken Take(TemplateTokenKind kind, int length, bool space)
    {
        var token = new TemplateToken(kind, _at, text.Substring(_at, length), space);
        _at += length;
        return token;
    }

    private TemplateToken Fail(int at, string message)
    {
        _at = text.Length;
        _error = new TemplateToken(TemplateTokenKind.Error, at, message, false);
        return _error.Value;
    }

    private TemplateToken ReadNumber(bool space)
    {
        int end = _at + 1;
        while (end < text.Length && (IsWordCharacter(text[end]) || text[end] == '.' || (text[end] is '+' or '-' && text[end - 1] is 'e' or 'E')))
        {
            end++;
        }

        return Take(TemplateTokenKind.Number, end - _at, space);
    }

    private TemplateToken ReadRaw(bool space)
    {
        int start = _at;
        int end = text.IndexOf('`', start + 1);
        return end < 0
            ? Fail(start, "this text is never closed; '`' is expected")
            : Take(TemplateTokenKind.String, end + 1 - start, space) with { Text = text[(start + 1)..end] };
    }

    private TemplateToken ReadCharacter(bool space)
    {
        int start = _at;
        var value = new StringBuilder();
        if (!TryUnquote('\'', value, out TemplateToken error))
        {
            return error;
        }

        string character = value.ToString();
        if (character.Length == 0 || !Rune.TryGetRuneAt(character, 0, out Rune rune) || rune.Utf16SequenceLength != character.Length)
        {
            return Fail(start, "between single quotes one character is expected; text stands between double quotes");
        }

        return new TemplateToken(TemplateTokenKind.Number, start, rune.Value.ToString(CultureInfo.InvariantCulture), space);
    }

    private TemplateToken ReadQuoted(bool space)
    {
        int start = _at;
        var value = new StringBuilder();
        return TryUnquote('"', value, out TemplateToken error) ? new TemplateToken(TemplateTokenKind.String, start, value.ToString(), space) : error;
    }

    /// <summary>Reads up to the closing quote, with Go's escapes.</summary>
    private bool TryUnquote(char quote, StringBuilder value, out TemplateToken error)
    {
        int start = _at++;
        while (_at < text.Length && text[_at] != quote && text[_at] != '\n')
        {
            if (text[_at] != '\\')
            {
                value.Append(text[_at++]);
            }
            else if (!TryEscape(value))
            {
                error = Fail(_at, "an escape must be \\n, \\t, \\r, \\\\, \\\", \\', \\x20, \\040, \\u00e4 or the like");
                return false;
            }
        }

        if (_at >= text.Length || text[_at] != quote)
        {
            error = Fail(start, $"this text is never closed; '{quote}' is expected");
            return false;
        }

        _at++;
        error = default;
        return true;
    }

    private bool TryEscape(StringBuilder value)
    {
        char c = _at + 1 < text.Length ? text[_at + 1] : '\0';
        const string Names = "abfnrtv\\\"'";
        const string Values = "\a\b\f\n\r\t\v\\\"'";
        int simple = Names.IndexOf(c, StringComparison.Ordinal);
        if (simple >= 0)
        {
            value.Append(Values[simple]);
            _at += 2;
            return true;
        }

        (int skip, int digits, int radix) = c switch
        {
            'x' => (2, 2, 16),
            'u' => (2, 4, 16),
            'U' => (2, 8, 16),
            >= '0' and <= '7' => (1, 3, 8),
            _ => (0, 0, 0),
        };
        if (digits == 0 || _at + skip + digits > text.Length)
        {
            return false;
        }

        long number = 0;
        foreach (char digit in text.AsSpan(_at + skip, digits))
        {
            int worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : 16;
            if (worth >= radix)
            {
                return false;
            }

            number = (number * radix) + worth;
        }

        if (number > 0x10FFFF || !Rune.IsValid((int)number))
        {
            return false;
        }

        value.Append(new Rune((int)number).ToString());
        _at += skip + digits;
        return true;
    }
}
