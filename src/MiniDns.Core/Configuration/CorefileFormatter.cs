using System.Text;

namespace MiniDns.Configuration;

/// <summary>Lays the text of a Corefile out: four spaces a level, one space between words, no more than one empty line in a row.</summary>
/// <remarks>Words stay on the lines they are on, and comments where they are, so the text means what it did. Formatting again changes nothing.</remarks>
public static class CorefileFormatter
{
    private const int IndentWidth = 4;

    /// <summary>Formats a text.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="text">The text of one file; imports are left alone.</param>
    /// <param name="diagnostics">Takes the error of a text that cannot be divided into words: a quote that is never closed.</param>
    /// <returns>The text with <c>\n</c> at every line's end; null when there is an error.</returns>
    public static string? Format(string file, string text, ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        var own = new ConfigDiagnostics();
        CorefileLexer.Read(file, text, own);
        if (own.HasErrors)
        {
            foreach (ConfigDiagnostic item in own.Items.Where(i => i.Severity == DiagnosticSeverity.Error))
            {
                diagnostics.Error(item.Span, item.Message);
            }

            return null;
        }

        string formatted = Print(CorefileScanner.Read(text));

        // A word that begins with the character of a byte order mark would lose it at the beginning of a file.
        return formatted.StartsWith('\uFEFF') ? '\uFEFF' + formatted : formatted;
    }

    private static string Print(IReadOnlyList<CorefilePiece> pieces)
    {
        var output = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < pieces.Count; i++)
        {
            CorefilePiece piece = pieces[i];
            bool startsLine = i == 0 || piece.Line > pieces[i - 1].EndLine;
            if (!startsLine)
            {
                output.Append(' ');
            }
            else if (i > 0)
            {
                bool keepsGap = piece.Line - pieces[i - 1].EndLine > 1 && !pieces[i - 1].IsOpeningBrace && !piece.IsClosingBrace;
                output.Append(keepsGap ? "\n\n" : "\n");
            }

            if (piece.IsClosingBrace)
            {
                depth = Math.Max(0, depth - 1);
            }

            if (startsLine)
            {
                output.Append(' ', depth * IndentWidth);
            }

            if (piece.IsOpeningBrace)
            {
                depth++;
            }

            output.Append(piece.Text);
        }

        return pieces.Count == 0 ? string.Empty : output.Append('\n').ToString();
    }
}
