namespace MiniDns.Queries;

/// <summary>A plugin's place in a chain.</summary>
/// <param name="Name">The plugin's name.</param>
/// <param name="Index">Its number among the handlers of the chain, from 0.</param>
public sealed record PluginMark(string Name, int Index);
