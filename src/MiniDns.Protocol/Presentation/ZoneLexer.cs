using System.Runtime.CompilerServices;

namespace MiniDns.Protocol.Presentation;

/// <summary>Divides the text of a zone file into tokens (RFC 1035 §5.1): blanks, comments, quotes, parentheses.</summary>
/// <remarks>A token is at least one octet of text and never crosses a line end. All methods stop at the end of the entry, which
/// is the first line end outside parentheses; <see cref="SkipEntry"/> goes on to the next.</remarks>
internal ref struct ZoneLexer
{
    private readonly ReadOnlySpan<byte> _text;
    private int _lineStart;
    private int _parentheses;
    private int _openLine;
    private int _openColumn;

    public ZoneLexer(ReadOnlySpan<byte> text, int position = 0, int line = 1)
    {
        _text = text;
        Position = position;
        Line = line;
        _lineStart = position;
        Error = null;
        ErrorLine = line;
        ErrorColumn = 1;
    }

    /// <summary>The offset of the next octet to be looked at.</summary>
    public int Position { get; private set; }

    /// <summary>The number of the present line, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>What went wrong in this entry, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>The line of the error.</summary>
    public int ErrorLine { get; private set; }

    /// <summary>The column of the error, in octets from 1.</summary>
    public int ErrorColumn { get; private set; }

    /// <summary>True at the end of the text.</summary>
    public readonly bool IsAtEnd => Position >= _text.Length;

    /// <summary>True when the next octet is a blank: at the start of an entry this means that the owner is left out.</summary>
    public readonly bool IsAtBlank => Position < _text.Length && _text[Position] is (byte)' ' or (byte)'\t';

    /// <summary>The column of the next octet.</summary>
    public readonly int Column => Position - _lineStart + 1;

    /// <summary>The text of a token.</summary>
    public readonly ReadOnlySpan<byte> Slice(ZoneToken token) => _text[token.Start..token.End];

    /// <summary>Reads the next token of the entry.</summary>
    /// <param name="token">The token.</param>
    /// <returns>False at the end of the entry and on an error, which <see cref="Error"/> tells apart.</returns>
    public bool TryNext(out ZoneToken token) => TryNext(keyValue: false, out token);

    /// <summary>Reads the next token of the entry.</summary>
    /// <param name="keyValue">Whether a quote after <c>=</c> belongs to the word (<c>alpn="h2,h3"</c>, RFC 9460 §2.1).</param>
    /// <param name="token">The token; the quotes of a value are part of it.</param>
    /// <returns>False at the end of the entry and on an error, which <see cref="Error"/> tells apart.</returns>
    public bool TryNext(bool keyValue, out ZoneToken token)
    {
        token = default;
        if (Error is not null || !TrySkipBlanks())
        {
            return false;
        }

        int start = Position;
        ErrorLine = Line;
        ErrorColumn = Column;
        if (_text[start] == '"')
        {
            int end = FindQuote(start + 1);
            if (end < 0)
            {
                return Fail("a quote must be closed on the same line");
            }

            token = new ZoneToken(start + 1, end, true);
            Position = end + 1;
            return true;
        }

        int at = start;
        while (at < _text.Length)
        {
            byte c = _text[at];
            if (!IsSpecial(c))
            {
                at++;
            }
            else if (c == '\\')
            {
                if (at + 1 >= _text.Length || _text[at + 1] is (byte)'\n' or (byte)'\r')
                {
                    return Fail("a backslash must be followed by a character or by three digits up to 255");
                }

                at += 2;
            }
            else if (c == '"' && keyValue && at > start && _text[at - 1] == '=')
            {
                int end = FindQuote(at + 1);
                if (end < 0)
                {
                    return Fail("a quote must be closed on the same line");
                }

                at = end + 1;
            }
            else
            {
                break;
            }
        }

        token = new ZoneToken(start, at, false);
        Position = at;
        return true;
    }

    /// <summary>Reads the next token of the entry, which must be there.</summary>
    /// <param name="what">What is expected, for the error.</param>
    /// <param name="token">The token.</param>
    public bool TryExpect(string what, out ZoneToken token)
    {
        if (TryNext(out token))
        {
            return true;
        }

        if (Error is null)
        {
            MarkHere();
            Fail($"{what} is missing");
        }

        return false;
    }

    /// <summary>Notes an error at the last token, unless there is one already.</summary>
    /// <returns>False, always.</returns>
    public bool Fail(string message)
    {
        Error ??= message;
        return false;
    }

    /// <summary>Notes an error at a place, unless there is one already.</summary>
    /// <returns>False, always.</returns>
    public bool FailAt(int line, int column, string message)
    {
        if (Error is null)
        {
            (ErrorLine, ErrorColumn, Error) = (line, column, message);
        }

        return false;
    }

    /// <summary>Goes behind the end of the present entry and forgets its error.</summary>
    public void SkipEntry()
    {
        // After an error what is left is still divided into tokens, so that a parenthesis or a quote further on keeps its
        // meaning. Where that fails too, the next line starts anew; of an entry in parentheses, the next that is not indented.
        Error = null;
        while (TryNext(out _))
        {
        }

        if (Error is not null)
        {
            bool isIndented = _parentheses > 0;
            SkipLine();
            while (isIndented && Position + 1 < _text.Length && _text[Position + 1] is (byte)' ' or (byte)'\t' or (byte)')' or (byte)';' or (byte)'\r' or (byte)'\n')
            {
                NextLine();
                SkipLine();
            }
        }

        Error = null;
        _parentheses = 0;
        if (Position < _text.Length)
        {
            NextLine();
        }
    }

    /// <summary>The rest of the present line, comment and all, without its end; the position stays.</summary>
    public readonly ReadOnlySpan<byte> RestOfLine()
    {
        ReadOnlySpan<byte> rest = _text[Position..];
        int end = rest.IndexOf((byte)'\n');
        return end < 0 ? rest : rest[..end];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSpecial(byte c) =>
        c <= '\\' && (c <= ' ' ? c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' : c is (byte)'"' or (byte)'(' or (byte)')' or (byte)';' or (byte)'\\');

    /// <summary>Moves to the end of the line.</summary>
    private void SkipLine()
    {
        int end = _text[Position..].IndexOf((byte)'\n');
        Position = end < 0 ? _text.Length : Position + end;
    }

    /// <summary>Moves over a line's end.</summary>
    private void NextLine()
    {
        Position++;
        Line++;
        _lineStart = Position;
    }

    private void MarkHere()
    {
        ErrorLine = Line;
        ErrorColumn = Column;
    }

    /// <summary>Moves to the next token; false at the end of the entry.</summary>
    private bool TrySkipBlanks()
    {
        while (Position < _text.Length)
        {
            switch (_text[Position])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r':
                    Position++;
                    break;
                case (byte)'\n' when _parentheses == 0:
                    return false;
                case (byte)'\n':
                    NextLine();
                    break;
                case (byte)';':
                    SkipLine();
                    break;
                case (byte)'(':
                    if (_parentheses++ == 0)
                    {
                        (_openLine, _openColumn) = (Line, Column);
                    }

                    Position++;
                    break;
                case (byte)')':
                    if (_parentheses == 0)
                    {
                        MarkHere();
                        Position++;
                        return Fail("a closing parenthesis must follow an opening one");
                    }

                    _parentheses--;
                    Position++;
                    break;
                default:
                    return true;
            }
        }

        if (_parentheses > 0)
        {
            _parentheses = 0;
            return FailAt(_openLine, _openColumn, "an opening parenthesis must be closed");
        }

        return false;
    }

    /// <summary>The offset of the quote that closes a text; -1 when the line ends before.</summary>
    private readonly int FindQuote(int at)
    {
        while (at < _text.Length)
        {
            switch (_text[at])
            {
                case (byte)'"':
                    return at;
                case (byte)'\n':
                    return -1;
                case (byte)'\\':
                    at += at + 1 < _text.Length && _text[at + 1] == '\n' ? 1 : 2;
                    break;
                default:
                    at++;
                    break;
            }
        }

        return -1;
    }
}
