namespace MiniDns.Configuration;

/// <summary>A word as it stands in one file: quotes resolved, nothing replaced yet.</summary>
/// <param name="Text">The text, without quotes.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Column">The column it starts at, in characters from 1.</param>
/// <param name="Length">How many characters it takes in the file, quotes included.</param>
/// <param name="IsQuoted">True when it was written in double quotes: it is then never a brace or an import.</param>
/// <param name="StartsLine">True when no word stands before it on its line; a quoted word's last line counts as its line.</param>
internal readonly record struct CorefileWord(string Text, int Line, int Column, int Length, bool IsQuoted, bool StartsLine)
{
    /// <summary>True for the brace that opens a block.</summary>
    public bool IsOpeningBrace => !IsQuoted && Text is "{";

    /// <summary>True for the brace that closes a block.</summary>
    public bool IsClosingBrace => !IsQuoted && Text is "}";

    /// <summary>True for the word <c>import</c>.</summary>
    public bool IsImport => !IsQuoted && Text is "import";
}
