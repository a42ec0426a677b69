using MiniDns.Plugins;
using MiniDns.Queries;

namespace MiniDns.Server.Building;

/// <summary>Collects what one plugin registers for one block.</summary>
internal sealed class PlanSetup : PluginSetup
{
    /// <summary>The block that is being built.</summary>
    public required BlockBuilder Builder { get; init; }

    public override void Use(Func<IDnsHandler, IDnsHandler> handler, HandlerScope scope) => Builder.Handlers.Add((handler, scope, Directives[0].Name.Text));

    public override void Guard(Func<IDnsHandler, IDnsHandler> asked, Func<IDnsHandler, bool, IDnsHandler> changed, HandlerScope scope) =>
        Builder.Guards.Add(new ChainGuard(asked, changed, scope, Directives[0].Name.Text));

    public override void Run(IServerComponent component) => Builder.Server.Components.Add(component);

    public override void Serve(HttpSideEndpoint endpoint) => Builder.Server.Pages.Add((endpoint, Directives[0].Span));

    public override void Provide<T>(T capability)
    {
        Builder.Capabilities.Add(capability);
        Builder.Server.Capabilities.Add(capability);
        Builder.Server.Kept.Add((Builder.Key, typeof(T), capability));
    }

    public override void WhenWired(Action<BlockCapabilities> action) => Builder.Wired.Add(action);

    public override void WhenServerWired(Action<BlockCapabilities> action) => Builder.Server.Wired.Add(action);

    public override QuerySlot<T> ReserveSlot<T>() => new(Builder.Server.Slots++);

    public override void DependsOn(string path) => Builder.Server.Files.Add(path);

    public override string TextBehind => Builder.TextBehind(Directives[0].Name.Text);

    public override T? Previous<T>()
        where T : class => Builder.Server.Previous?.Kept
            .Where(k => k.Block == Builder.Key && k.Type == typeof(T))
            .Select(k => (T)k.Capability)
            .FirstOrDefault();
}
