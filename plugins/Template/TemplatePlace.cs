using MiniDns.Configuration;

namespace MiniDns.Plugins.Template;

/// <summary>Tells where in a Corefile a character of a word stands.</summary>
internal static class TemplatePlace
{
    /// <summary>The place of the character at an offset of a word's text.</summary>
    /// <remarks>A quote in a quoted word was written with a backslash before it. Where an environment variable was replaced, columns behind
    /// it are those of the text with its value.</remarks>
    public static SourceSpan Of(CorefileToken token, int offset)
    {
        ReadOnlySpan<char> before = token.Text.AsSpan(0, Math.Clamp(offset, 0, token.Text.Length));
        int lineStart = before.LastIndexOf('\n') + 1;
        ReadOnlySpan<char> inLine = before[lineStart..];
        int column = inLine.Length;
        foreach (char c in inLine)
        {
            column += token.IsQuoted && c == '"' ? 1 : char.IsLowSurrogate(c) ? -1 : 0;
        }

        SourceSpan span = token.Span;
        return lineStart > 0
            ? span with { Line = span.Line + before.Count('\n'), Column = column + 1, Length = 1 }
            : span with { Column = span.Column + column + (token.IsQuoted ? 1 : 0), Length = 1 };
    }
}
