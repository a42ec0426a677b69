using MiniDns.Client;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Loop;

/// <summary>The directive <c>loop</c>.</summary>
public sealed class LoopPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "loop";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        new DirectiveReader(setup.Directives[0], setup.Diagnostics).End();
        var watch = new LoopWatch(setup.Block.Zones[0], setup.Services.LoggerFor(Name));
        setup.Run(new LoopProbe(watch, setup.Queries, setup.Services.Time, UpstreamRandom.Secure));
        setup.Use(next => new LoopHandler(watch, next));
    }
}
