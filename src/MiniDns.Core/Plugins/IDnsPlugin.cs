namespace MiniDns.Plugins;

/// <summary>A directive and what it adds to a server block.</summary>
public interface IDnsPlugin
{
    /// <summary>The Corefile keyword.</summary>
    string Name { get; }

    /// <summary>Reads the directive and registers handlers and components. Opens nothing, starts nothing.</summary>
    /// <param name="setup">The directive's occurrences in one server block, and what can be registered.</param>
    void Setup(PluginSetup setup);
}
