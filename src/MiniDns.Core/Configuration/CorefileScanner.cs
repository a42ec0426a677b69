namespace MiniDns.Configuration;

/// <summary>Divides the text of a file into words as written and comments: what <see cref="CorefileLexer"/> reads, with nothing dropped.</summary>
internal sealed class CorefileScanner
{
    private readonly string _text;
    private readonly List<CorefilePiece> _pieces = [];
    private int _at;
    private int _line = 1;

    private CorefileScanner(string text) => _text = text;

    /// <summary>Reads the pieces of a text whose quotes are all closed.</summary>
    public static IReadOnlyList<CorefilePiece> Read(string text)
    {
        var scanner = new CorefileScanner(text);
        scanner.ReadAll();
        return scanner._pieces;
    }

    private void ReadAll()
    {
        _at = _text.StartsWith('\uFEFF') ? 1 : 0;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (char.IsWhiteSpace(c))
            {
                Advance();
            }
            else if (c == '#')
            {
                int end = _text.IndexOf('\n', _at);
                end = end < 0 ? _text.Length : end;
                _pieces.Add(new CorefilePiece(_text[_at..end].TrimEnd(), IsComment: true, _line, _line));
                _at = end;
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

    private void ReadQuoted()
    {
        int start = _at;
        int line = _line;
        for (Advance(); _at < _text.Length && _text[_at] != '"'; Advance())
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
            {
                Advance();
            }
        }

        _at = Math.Min(_at + 1, _text.Length);
        _pieces.Add(new CorefilePiece(_text[start.._at], IsComment: false, line, _line));
    }

    private void ReadPlain()
    {
        // A '#' inside a word belongs to it here: the lexer drops the rest of the word, and no more than that.
        int start = _at;
        while (_at < _text.Length && (_text[_at] == '\r' || !char.IsWhiteSpace(_text[_at])))
        {
            _at++;
        }

        string word = _text[start.._at].Replace("\r", string.Empty, StringComparison.Ordinal);
        _pieces.Add(new CorefilePiece(word, IsComment: false, _line, _line));
    }

    private void Advance()
    {
        if (_text[_at++] == '\n')
        {
            _line++;
        }
    }
}
