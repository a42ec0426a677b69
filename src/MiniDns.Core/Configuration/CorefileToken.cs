namespace MiniDns.Configuration;

/// <summary>A word of a Corefile: quotes and escapes resolved, environment variables replaced.</summary>
/// <param name="Text">The text.</param>
/// <param name="Span">Where it stands.</param>
/// <param name="IsQuoted">True when it was written in double quotes.</param>
public sealed record CorefileToken(string Text, SourceSpan Span, bool IsQuoted = false)
{
    /// <summary>The place of a character of the word.</summary>
    /// <param name="offset">Which, from 0.</param>
    /// <remarks>A quote in a quoted word was written with a backslash before it. Where an environment variable was replaced, columns behind
    /// it are those of the text with its value.</remarks>
    public SourceSpan PlaceOf(int offset)
    {
        ReadOnlySpan<char> before = Text.AsSpan(0, Math.Clamp(offset, 0, Text.Length));
        int lineStart = before.LastIndexOf('\n') + 1;
        ReadOnlySpan<char> inLine = before[lineStart..];
        int column = inLine.Length;
        foreach (char c in inLine)
        {
            column += IsQuoted && c == '"' ? 1 : char.IsLowSurrogate(c) ? -1 : 0;
        }

        return lineStart > 0
            ? Span with { Line = Span.Line + before.Count('\n'), Column = column + 1, Length = 1 }
            : Span with { Column = Span.Column + column + (IsQuoted ? 1 : 0), Length = 1 };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
