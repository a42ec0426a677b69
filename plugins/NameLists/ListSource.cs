namespace MiniDns.Plugins.NameLists;

/// <summary>A list: its name, and where it comes from.</summary>
/// <param name="Name">What it is called in groups, metrics and logs.</param>
/// <param name="Path">The file; null for the names that stand in the Corefile.</param>
/// <param name="Allows">True when its names are allowed instead of blocked.</param>
internal sealed record ListSource(string Name, string? Path, bool Allows);
