using MiniDns.Plugins.Cache;

namespace MiniDns.Plugins;

/// <summary>Every plugin, in the order a query meets them.</summary>
/// <remarks>
/// A plugin feels the effect of those below it and must not care about those above. The order is that of CoreDNS 1.14.7's
/// plugin.cfg for the names both have; <c>search</c> stands where <c>autopath</c> does.
/// </remarks>
public static class PluginOrder
{
    /// <summary>The plugins.</summary>
    public static IReadOnlyList<IDnsPlugin> All { get; } =
    [
        new CachePlugin(),
    ];
}
