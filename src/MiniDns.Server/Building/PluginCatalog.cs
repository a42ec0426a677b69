using System.Diagnostics.CodeAnalysis;
using MiniDns.Plugins;

namespace MiniDns.Server.Building;

/// <summary>The plugins that a server knows, in the order a query meets them.</summary>
public sealed class PluginCatalog
{
    private readonly Dictionary<string, IDnsPlugin> _byName;

    /// <summary>Makes a catalog.</summary>
    /// <exception cref="ArgumentException">Two plugins have the same name.</exception>
    public PluginCatalog(IReadOnlyList<IDnsPlugin> plugins)
    {
        Plugins = plugins;
        _byName = plugins.ToDictionary(p => p.Name, StringComparer.Ordinal);
    }

    /// <summary>The plugins, in order.</summary>
    public IReadOnlyList<IDnsPlugin> Plugins { get; }

    /// <summary>The directives that a Corefile can use.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>Finds a plugin by its directive.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out IDnsPlugin? plugin) => _byName.TryGetValue(name, out plugin);
}
