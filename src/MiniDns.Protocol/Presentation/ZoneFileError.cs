namespace MiniDns.Protocol.Presentation;

/// <summary>What is wrong in a zone file, and where.</summary>
/// <param name="File">The file's name as it was given or included.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in octets, from 1.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ZoneFileError(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}
