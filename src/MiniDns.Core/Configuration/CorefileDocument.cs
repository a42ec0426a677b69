namespace MiniDns.Configuration;

/// <summary>A whole Corefile, imports and snippets expanded.</summary>
/// <param name="Path">The file it was read from, as the user named it.</param>
/// <param name="Blocks">The server blocks, in file order.</param>
/// <param name="Files">Every file that was read, the first one included: what a reload has to watch.</param>
/// <param name="Texts">Their names and texts.</param>
public sealed record CorefileDocument(string Path, IReadOnlyList<ServerBlockNode> Blocks, IReadOnlyList<string> Files, IReadOnlyList<(string Name, string Text)> Texts);
