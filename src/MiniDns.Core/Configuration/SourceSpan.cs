namespace MiniDns.Configuration;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">The file's path as the user wrote it.</param>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column in characters, counted from 1.</param>
/// <param name="Length">How many characters the thing at this place has.</param>
public readonly record struct SourceSpan(string File, int Line, int Column, int Length)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
