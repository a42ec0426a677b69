using System.Text;

namespace MiniDns.Configuration;

/// <summary>Divides the text of one file into words.</summary>
/// <remarks>
/// <para>Words are divided by white space. A word that begins with a double quote goes on to the next one and may hold
/// white space and line breaks; in it <c>\"</c> is a quote and any other backslash is itself. A quote inside a word is an
/// ordinary character. <c>#</c> begins a comment. Carriage returns outside quotes and a byte order mark are dropped.</para>
/// <para>As in CoreDNS, a <c>#</c> inside a word drops only the characters up to the next white space, not the rest of the
/// line; a warning says so.</para>
/// </remarks>
internal sealed class CorefileLexer
{
    private readonly string _file;
    private readonly string _text;
    private readonly ConfigDiagnostics _diagnostics;
    private readonly List<CorefileWord> _words = [];
    private int _at;
    private int _line = 1;
    private int _column = 1;
    private int _lastLine;

    private CorefileLexer(string file, string text, ConfigDiagnostics diagnostics)
    {
        _file = file;
        _text = text;
        _diagnostics = diagnostics;
    }

    /// <summary>Reads all words of a file.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="diagnostics">Takes what is wrong with it.</param>
    public static CorefileWord[] Read(string file, string text, ConfigDiagnostics diagnostics)
    {
        CorefileLexer lexer = new(file, text, diagnostics);
        lexer.ReadAll();
        return [.. lexer._words];
    }

    private void ReadAll()
    {
        if (_text.StartsWith('\uFEFF'))
        {
            _at = 1;
        }

        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (char.IsWhiteSpace(c))
            {
                Advance();
            }
            else if (c == '#')
            {
                SkipComment();
            }
            else if (c == '"')
            {
                ReadQuoted();
            }
            else
            {
                ReadPlain();
            }
        }
    }

    private void Advance()
    {
        char c = _text[_at++];
        if (c == '\n')
        {
            _line++;
            _column = 1;
        }
        else if (!char.IsLowSurrogate(c))
        {
            _column++;
        }
    }

    private void SkipComment()
    {
        while (_at < _text.Length && _text[_at] != '\n')
        {
            Advance();
        }
    }

    private void ReadPlain()
    {
        int start = _at;
        int column = _column;
        bool hasReturns = false;
        while (_at < _text.Length && _text[_at] is char c && c != '#' && (c == '\r' || !char.IsWhiteSpace(c)))
        {
            hasReturns |= c == '\r';
            Advance();
        }

        ReadOnlySpan<char> span = _text.AsSpan(start, _at - start);
        string word = span switch
        {
            "{" => "{",
            "}" => "}",
            _ when hasReturns => span.ToString().Replace("\r", string.Empty, StringComparison.Ordinal),
            _ => span.ToString(),
        };
        Add(word, _line, column, _column - column - (hasReturns ? span.Count('\r') : 0), isQuoted: false);

        if (_at < _text.Length && _text[_at] == '#')
        {
            _diagnostics.Warning(
                new SourceSpan(_file, _line, _column, 1),
                "'#' inside a word drops only the characters up to the next space; put a space before a comment, or the word in quotes");
            while (_at < _text.Length && (_text[_at] == '\r' || !char.IsWhiteSpace(_text[_at])))
            {
                Advance();
            }
        }
    }

    private void ReadQuoted()
    {
        int line = _line;
        int column = _column;
        int length = 1;
        Advance();
        int start = _at;
        StringBuilder? text = null;
        while (_at < _text.Length && _text[_at] != '"')
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
            {
                // only a quote is escaped; before anything else the backslash stays, and what follows it is passed over
                if (_text[_at + 1] == '"')
                {
                    text = (text ?? new StringBuilder()).Append(_text, start, _at - start);
                    start = _at + 1;
                }

                Advance();
                length++;
            }

            length += char.IsLowSurrogate(_text[_at]) ? 0 : 1;
            Advance();
        }

        string word = text is null ? _text[start.._at] : text.Append(_text, start, _at - start).ToString();
        if (_at < _text.Length)
        {
            Advance();
            length++;
        }
        else
        {
            _diagnostics.Error(new SourceSpan(_file, line, column, 1), "this quote is never closed; '\"' is expected before the end of the file");
        }

        Add(word, line, column, length, isQuoted: true);
    }

    private void Add(string text, int line, int column, int length, bool isQuoted)
    {
        _words.Add(new CorefileWord(text, line, column, length, isQuoted, line > _lastLine));
        _lastLine = _line;
    }
}
