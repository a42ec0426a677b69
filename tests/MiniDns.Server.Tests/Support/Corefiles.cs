using MiniDns.Plugins;

namespace MiniDns.Server.Tests.Support;

/// <summary>Plugins for Corefiles of these tests.</summary>
internal static class Corefiles
{
    /// <summary>All plugins, and some of the test's own behind them.</summary>
    public static IReadOnlyList<IDnsPlugin> With(params IDnsPlugin[] own) => [.. PluginOrder.All, .. own];
}
