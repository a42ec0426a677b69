namespace MiniDns.Protocol.Presentation;

/// <summary>A token of a zone file, by its place; escapes in it are not yet resolved.</summary>
/// <param name="Start">Where the text starts, a quoted one after its quote.</param>
/// <param name="End">The offset after the text.</param>
/// <param name="IsQuoted">Whether the text stood between quotes.</param>
internal readonly record struct ZoneToken(int Start, int End, bool IsQuoted);
