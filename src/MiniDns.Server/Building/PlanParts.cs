using MiniDns.Configuration;
using MiniDns.Plugins;

namespace MiniDns.Server.Building;

/// <summary>What the plugins of all blocks registered.</summary>
internal sealed class PlanParts(ServerPlan? previous)
{
    /// <summary>The plan being replaced.</summary>
    public ServerPlan? Previous { get; } = previous;

    public List<IServerComponent> Components { get; } = [];

    public List<(HttpSideEndpoint Page, SourceSpan Span)> Pages { get; } = [];

    public BlockCapabilities Capabilities { get; } = new();

    /// <summary>What a later plan may take over, by block and type.</summary>
    public List<(string Block, Type Type, object Capability)> Kept { get; } = [];

    public List<Action<BlockCapabilities>> Wired { get; } = [];

    public int Slots { get; set; }
}
