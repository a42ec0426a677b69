using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Building;

/// <summary>A server block while its plugins are set up.</summary>
internal sealed class BlockBuilder(PlanParts server, ServerBlockInfo info, IReadOnlyList<ServerKey> keys, ServerQueryRunner runner)
{
    private ServerBlock? _built;

    public PlanParts Server { get; } = server;

    public ServerBlockInfo Info { get; } = info;

    public IReadOnlyList<ServerKey> Keys { get; } = keys;

    /// <summary>What makes this block the same one after a reload: its keys, and among blocks with the same keys (views) its place.</summary>
    public string Key { get; } = server.NameBlock(string.Join(' ', keys.Select(k => k.ToString())));

    public ServerQueryRunner Runner { get; } = runner;

    public EndpointOptions Endpoint { get; } = new();

    public List<(Func<IDnsHandler, IDnsHandler> Make, HandlerScope Scope)> Handlers { get; } = [];

    public BlockCapabilities Capabilities { get; } = new();

    public List<Action<BlockCapabilities>> Wired { get; } = [];

    /// <summary>True when views decide about the block.</summary>
    public bool HasFilters => Capabilities.All<IViewFilter>().Count > 0;

    /// <summary>The finished block.</summary>
    public ServerBlock Built => _built ?? throw new InvalidOperationException("the block is not built yet");

    /// <summary>Folds the handlers into a chain, last to first.</summary>
    public void Build()
    {
        foreach (Action<BlockCapabilities> action in Wired)
        {
            action(Capabilities);
        }

        _built = new ServerBlock(Info, Fold(HandlerScope.Queries), Fold(HandlerScope.Notifications), Capabilities.All<IViewFilter>());
    }

    private IDnsHandler? Fold(HandlerScope scope)
    {
        // A chain of nothing but handlers for both kinds only looks on: it does not take notifications.
        if (!Handlers.Exists(h => h.Scope == scope || (scope == HandlerScope.Queries && h.Scope.HasFlag(scope))))
        {
            return null;
        }

        IDnsHandler chain = EndOfChain.Instance;
        for (int i = Handlers.Count - 1; i >= 0; i--)
        {
            if (Handlers[i].Scope.HasFlag(scope))
            {
                chain = Handlers[i].Make(chain);
            }
        }

        return chain;
    }
}
