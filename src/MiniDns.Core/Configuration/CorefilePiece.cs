namespace MiniDns.Configuration;

/// <summary>A word or a comment exactly as it is written, for formatting.</summary>
/// <param name="Text">The text, quotes and escapes included; carriage returns outside quotes and a comment's trailing white space are left out.</param>
/// <param name="IsComment">True for a comment, <c>#</c> included.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="EndLine">The line it ends on; another one only for a quoted word with line breaks.</param>
internal readonly record struct CorefilePiece(string Text, bool IsComment, int Line, int EndLine)
{
    /// <summary>True for the brace that opens a block.</summary>
    public bool IsOpeningBrace => Text is "{" || Text.StartsWith("{#", StringComparison.Ordinal);

    /// <summary>True for the brace that closes a block.</summary>
    public bool IsClosingBrace => Text is "}" || Text.StartsWith("}#", StringComparison.Ordinal);
}
