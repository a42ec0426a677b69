using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tsig;

/// <summary>Reads keys as named.conf has them: <c>key "NAME" { algorithm ALGORITHM; secret "SECRET"; };</c></summary>
/// <remarks>Semicolons may be left out; comments are those of named.conf. No message holds a secret.</remarks>
internal sealed class KeyFileReader
{
    private readonly string _text;
    private readonly List<(int Line, int Column, string Message)> _problems = [];
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private (int Line, int Column) _place;

    private KeyFileReader(string text) => _text = text;

    /// <summary>Reads all keys.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="problems">What is wrong, with line and column from 1.</param>
    /// <returns>The keys that are right, each with its place.</returns>
    public static IReadOnlyList<(TsigKey Key, int Line, int Column)> Read(string text, out IReadOnlyList<(int Line, int Column, string Message)> problems)
    {
        var reader = new KeyFileReader(text);
        problems = reader._problems;
        return reader.ReadAll();
    }

    private List<(TsigKey, int, int)> ReadAll()
    {
        List<(TsigKey, int, int)> keys = [];
        while (Next() is { } word)
        {
            if (word == ";")
            {
                continue;
            }

            if (word != "key")
            {
                Note(_place, $"'{word}' is not expected here; write 'key \"NAME\" {{ secret \"SECRET\"; }};'");
                return keys;        // what follows would only be misread
            }

            if (!TryReadKey(keys))
            {
                return keys;
            }
        }

        return keys;
    }

    private bool TryReadKey(List<(TsigKey, int, int)> keys)
    {
        string? name = Next();
        (int line, int column) = _place;
        if (name is null or "{" or "}" or ";" or "")
        {
            Note(_place, "the key's name is expected after 'key'");
            return false;
        }

        if (Next() != "{")
        {
            Note(_place, $"'{{' is expected after 'key \"{name}\"'");
            return false;
        }

        string? algorithm = null;
        string? secret = null;
        while (true)
        {
            string? word = Next();
            switch (word)
            {
                case ";":
                    break;
                case "algorithm" or "secret":
                    (int, int) place = _place;
                    string? value = Next();
                    if (value is null or ";" or "{" or "}" or "")
                    {
                        Note(place, $"a value is expected after '{word}'");
                        return false;
                    }

                    _ = word == "secret" ? secret = value : algorithm = value;
                    break;
                case "}":
                    Add(keys, name, secret, algorithm, line, column);
                    return true;
                case null:
                    Note(_place, $"'}}' is missing at the end of 'key \"{name}\"'");
                    return false;
                default:
                    Note(_place, $"'{word}' is not expected in a key, which has 'algorithm' and 'secret'");
                    return false;
            }
        }
    }

    private void Add(List<(TsigKey, int, int)> keys, string text, string? secret, string? algorithm, int line, int column)
    {
        if (!DnsName.TryParse(text, null, out DnsName? name, out string? error))
        {
            Note((line, column), $"'{text}' is not a key's name: {error}");
        }
        else if (secret is null)
        {
            Note((line, column), $"the key '{name}' has no 'secret'");
        }
        else if (!TsigKey.TryCreate(name, secret, algorithm, out TsigKey? key, out error))
        {
            Note((line, column), error);
        }
        else
        {
            keys.Add((key, line, column));
        }
    }

    private void Note((int Line, int Column) place, string message) => _problems.Add((place.Line, place.Column, message));

    /// <summary>The next word, without quotes, or one of <c>{ } ;</c>; null at the end.</summary>
    private string? Next()
    {
        SkipBlanks();
        _place = (_line, _at - _lineStart + 1);
        if (_at >= _text.Length)
        {
            return null;
        }

        char first = _text[_at];
        if (first is '{' or '}' or ';')
        {
            _at++;
            return first.ToString();
        }

        int start = _at;
        if (first == '"')
        {
            // A quote that does not close ends with its line; the value will be found wrong.
            int length = _text.AsSpan(start + 1).IndexOfAny('"', '\n');
            int end = length < 0 ? _text.Length : start + 1 + length;
            _at = end < _text.Length && _text[end] == '"' ? end + 1 : end;
            return _text[(start + 1)..end];
        }

        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && _text[_at] is not ('{' or '}' or ';' or '"'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            ReadOnlySpan<char> rest = _text.AsSpan(_at);
            if (rest[0] == '\n')
            {
                _at++;
                _line++;
                _lineStart = _at;
            }
            else if (char.IsWhiteSpace(rest[0]) || rest[0] == '\uFEFF')
            {
                _at++;
            }
            else if (rest[0] == '#' || rest.StartsWith("//", StringComparison.Ordinal))
            {
                int end = rest.IndexOf('\n');
                _at += end < 0 ? rest.Length : end;
            }
            else if (rest.StartsWith("/*", StringComparison.Ordinal))
            {
                int end = rest.IndexOf("*/", StringComparison.Ordinal);
                end = end < 0 ? _text.Length : _at + end + 2;
                for (; _at < end; _at++)
                {
                    if (_text[_at] == '\n')
                    {
                        _line++;
                        _lineStart = _at + 1;
                    }
                }
            }
            else
            {
                return;
            }
        }
    }
}
