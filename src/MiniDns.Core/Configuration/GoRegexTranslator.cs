using System.Globalization;
using System.Text;

namespace MiniDns.Configuration;

/// <summary>Writes a regular expression of Go's syntax in .NET's.</summary>
internal sealed class GoRegexTranslator(string pattern)
{
    private const string Digits = "0-9";
    private const string WordCharacters = "0-9A-Z_a-z";
    private const string Spaces = "\t-\n\f-\r ";

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private readonly StringBuilder _out = new(pattern.Length + 16);
    private readonly List<string> _groupNames = [string.Empty];
    private readonly Stack<Flags> _outer = [];
    private Flags _flags;
    private int _at;

    [Flags]
    private enum Flags
    {
        None = 0,
        MultiLine = 1,
        Ungreedy = 2,
    }

    /// <summary>The groups' names by number, once translated.</summary>
    public IReadOnlyList<string> GroupNames => _groupNames;

    /// <summary>Translates the expression.</summary>
    /// <exception cref="FormatException">It holds something that Go's syntax does not have.</exception>
    public string Translate()
    {
        while (_at < pattern.Length)
        {
            char c = pattern[_at++];
            switch (c)
            {
                case '\\':
                    Escape(inClass: false);
                    break;
                case '[':
                    Class();
                    break;
                case '(':
                    Group();
                    break;
                case ')':
                    _flags = _outer.TryPop(out Flags outer) ? outer : _flags;
                    _out.Append(')');
                    break;
                case '$':
                    // Without the flag m, .NET's own '$' also matches before a last line feed.
                    _out.Append((_flags & Flags.MultiLine) != 0 ? "$" : "\\z");
                    break;
                case '*' or '+' or '?':
                    _out.Append(c);
                    Greed();
                    break;
                case '{' when RepetitionLength() is > 0 and int length:
                    _out.Append(pattern, _at - 1, length + 1);
                    _at += length;
                    Greed();
                    break;
                default:
                    _out.Append(c);
                    break;
            }
        }

        return _out.ToString();
    }

    private void Greed()
    {
        bool isMarked = _at < pattern.Length && pattern[_at] == '?';
        _at += isMarked ? 1 : 0;
        if (isMarked != ((_flags & Flags.Ungreedy) != 0))
        {
            _out.Append('?');
        }
    }

    /// <summary>The length of <c>n}</c>, <c>n,}</c> or <c>n,m}</c> from here; 0 when the brace is an ordinary character.</summary>
    private int RepetitionLength()
    {
        int at = _at;
        SkipDigits(ref at);
        if (at == _at)
        {
            return 0;
        }

        if (at < pattern.Length && pattern[at] == ',')
        {
            at++;
            SkipDigits(ref at);
        }

        return at < pattern.Length && pattern[at] == '}' ? at + 1 - _at : 0;
    }

    private void SkipDigits(ref int at)
    {
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at]))
        {
            at++;
        }
    }

    private void Group()
    {
        if (_at >= pattern.Length || pattern[_at] != '?')
        {
            Capture(string.Empty);
            return;
        }

        _at++;
        if (TakeIf("P<") || (!Peek("<=") && !Peek("<!") && TakeIf("<")))
        {
            int end = pattern.IndexOf('>', _at);
            string name = end < 0 ? string.Empty : pattern[_at..end];
            if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
            {
                throw new FormatException("the name of a group is letters, digits and '_' between '<' and '>'");
            }

            if (_groupNames.Contains(name))
            {
                throw new FormatException($"two groups are named '{name}'");
            }

            _at = end + 1;
            Capture(name);
            return;
        }

        FlagGroup();
    }

    private void Capture(string name)
    {
        _outer.Push(_flags);
        _out.Append(CultureInfo.InvariantCulture, $"(?<{_groupNames.Count}>");
        _groupNames.Add(name);
    }

    /// <summary><c>(?:…)</c>, <c>(?i)</c>, <c>(?i-s:…)</c>.</summary>
    private void FlagGroup()
    {
        Flags flags = _flags;
        bool isOff = false;
        StringBuilder kept = new("(?");
        while (_at < pattern.Length)
        {
            char c = pattern[_at++];
            switch (c)
            {
                case 'm' or 'U':
                    Flags flag = c == 'm' ? Flags.MultiLine : Flags.Ungreedy;
                    flags = isOff ? flags & ~flag : flags | flag;
                    kept.Append(c == 'm' ? "m" : string.Empty);
                    break;
                case 'i' or 's':
                    kept.Append(c);
                    break;
                case '-' when !isOff:
                    isOff = true;
                    kept.Append(c);
                    break;
                case ':':
                    _outer.Push(_flags);
                    _flags = flags;
                    _out.Append(kept.ToString().TrimEnd('-')).Append(':');
                    return;
                case ')':
                    // (?) alone is nothing: only U was in it, which .NET does not know.
                    _flags = flags;
                    string known = kept.ToString().TrimEnd('-');
                    _out.Append(known.Length > 2 ? known + ")" : string.Empty);
                    return;
                default:
                    throw new FormatException($"'(?{c}' is not known; there is no lookaround, and flags are i, m, s and U");
            }
        }

        throw new FormatException("a ')' is missing");
    }

    private void Class()
    {
        _out.Append('[');
        if (TakeIf("^"))
        {
            _out.Append('^');
        }

        bool isFirst = true;
        while (_at < pattern.Length)
        {
            char c = pattern[_at++];
            switch (c)
            {
                case ']' when !isFirst:
                    _out.Append(']');
                    return;
                case ']':
                    _out.Append("\\]");
                    break;
                case '\\':
                    Escape(inClass: true);
                    break;
                case '[' when Peek(":"):
                    PosixClass();
                    break;
                case '[':
                    // .NET would read a class to subtract.
                    _out.Append("\\[");
                    break;
                default:
                    _out.Append(c);
                    break;
            }

            isFirst = false;
        }

        throw new FormatException("a ']' is missing");
    }

    private void PosixClass()
    {
        int end = pattern.IndexOf(":]", _at + 1, StringComparison.Ordinal);
        string name = end < 0 ? string.Empty : pattern[(_at + 1)..end];
        bool isNegated = name is ['^', ..];
        string? ranges = (isNegated ? name[1..] : name) switch
        {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "ascii" => "\0-\x7F",
            "blank" => "\t ",
            "cntrl" => "\0-\x1F\x7F",
            "digit" => Digits,
            "graph" => "!-~",
            "lower" => "a-z",
            "print" => " -~",
            "punct" => "!-/:-@[-`{-~",
            "space" => "\t-\r ",
            "upper" => "A-Z",
            "word" => WordCharacters,
            "xdigit" => "0-9A-Fa-f",
            _ => null,
        };
        if (ranges is null)
        {
            throw new FormatException($"'[:{name}:]' is not a class of characters; [:alpha:], [:digit:] and the like are");
        }

        AppendRanges(ranges, isNegated);
        _at = end + 2;
    }

    /// <summary>Appends ranges, or everything but them, to the class being written.</summary>
    private void AppendRanges(string ranges, bool isNegated)
    {
        int next = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            int low = ranges[i];
            int high = low;
            if (i + 2 < ranges.Length && ranges[i + 1] == '-')
            {
                high = ranges[i + 2];
                i += 2;
            }

            if (!isNegated)
            {
                AppendRange(low, high);
            }
            else if (low > next)
            {
                AppendRange(next, low - 1);
            }

            next = high + 1;
        }

        if (isNegated)
        {
            AppendRange(next, char.MaxValue);
        }
    }

    private void AppendRange(int low, int high)
    {
        _out.Append(CultureInfo.InvariantCulture, $"\\u{low:X4}");
        if (high > low)
        {
            _out.Append(CultureInfo.InvariantCulture, $"-\\u{high:X4}");
        }
    }

    private void Escape(bool inClass)
    {
        if (_at >= pattern.Length)
        {
            throw new FormatException("a backslash stands at the end");
        }

        char c = pattern[_at++];
        switch (c)
        {
            case 'd' or 'D':
                Shorthand(Digits, c == 'D', inClass);
                break;
            case 'w' or 'W':
                Shorthand(WordCharacters, c == 'W', inClass);
                break;
            case 's' or 'S':
                Shorthand(Spaces, c == 'S', inClass);
                break;
            case 'p' or 'P':
                UnicodeClass(c);
                break;
            case 'x':
                Character(Hexadecimal(), inClass);
                break;
            case '0' or (>= '1' and <= '7') when c == '0' || (_at < pattern.Length && pattern[_at] is >= '0' and <= '7'):
                Character(Octal(c), inClass);
                break;
            case 'Q' when !inClass:
                Quote();
                break;
            case 'a' or 'f' or 't' or 'n' or 'r' or 'v':
            case 'A' or 'b' or 'B' or 'z' when !inClass:
                _out.Append('\\').Append(c);
                break;
            default:
                if (char.IsAsciiLetterOrDigit(c) || c > '~')
                {
                    throw new FormatException($"'\\{c}' is not known");
                }

                Character(c, inClass);
                break;
        }
    }

    private void Shorthand(string ranges, bool isNegated, bool inClass)
    {
        if (!inClass)
        {
            _out.Append('[');
        }

        AppendRanges(ranges, isNegated);
        if (!inClass)
        {
            _out.Append(']');
        }
    }

    /// <summary><c>\pL</c>, <c>\p{Lu}</c>, <c>\p{^L}</c>.</summary>
    private void UnicodeClass(char letter)
    {
        string name;
        if (TakeIf("{"))
        {
            int end = pattern.IndexOf('}', _at);
            name = end < 0 ? string.Empty : pattern[_at..end];
            _at = end < 0 ? pattern.Length : end + 1;
        }
        else
        {
            name = _at < pattern.Length ? pattern[_at++].ToString() : string.Empty;
        }

        if (name is ['^', ..])
        {
            name = name[1..];
            letter = letter == 'p' ? 'P' : 'p';
        }

        _out.Append('\\').Append(letter).Append('{').Append(name).Append('}');
    }

    private int Hexadecimal()
    {
        bool isBraced = TakeIf("{");
        int end = isBraced ? pattern.IndexOf('}', _at) : Math.Min(_at + 2, pattern.Length);
        ReadOnlySpan<char> digits = end < _at ? default : pattern.AsSpan(_at, end - _at);
        if (digits.Length is 0 or > 6 || (!isBraced && digits.Length != 2)
            || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || value > 0x10FFFF)
        {
            throw new FormatException("'\\x' takes two hexadecimal digits, or up to six in braces");
        }

        _at = end + (isBraced ? 1 : 0);
        return value;
    }

    private int Octal(char first)
    {
        int value = first - '0';
        for (int i = 0; i < 2 && _at < pattern.Length && pattern[_at] is >= '0' and <= '7'; i++)
        {
            value = (value * 8) + (pattern[_at++] - '0');
        }

        return value;
    }

    private void Quote()
    {
        int end = pattern.IndexOf("\\E", _at, StringComparison.Ordinal);
        foreach (char c in pattern.AsSpan(_at, (end < 0 ? pattern.Length : end) - _at))
        {
            Character(c, inClass: false);
        }

        _at = end < 0 ? pattern.Length : end + 2;
    }

    private void Character(int value, bool inClass)
    {
        if (value <= char.MaxValue)
        {
            AppendRange(value, value);
        }
        else if (inClass)
        {
            throw new FormatException("characters above U+FFFF cannot stand between '[' and ']'");
        }
        else
        {
            _out.Append("(?:").Append(char.ConvertFromUtf32(value)).Append(')');
        }
    }

    private bool Peek(string text) => string.CompareOrdinal(pattern, _at, text, 0, text.Length) == 0;

    private bool TakeIf(string text)
    {
        bool isNext = Peek(text);
        _at += isNext ? text.Length : 0;
        return isNext;
    }
}
