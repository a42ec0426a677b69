using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;

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
        StripedCounter detected = setup.Services.Metrics.Counter("minidns_loop_detected_total", "How often an upstream was found to send queries back here.");
        var watch = new LoopWatch(setup.Block.Zones[0], setup.Services.LoggerFor(Name), detected);
        var probe = new LoopProbe(watch, setup.Services.Time, UpstreamRandom.Secure);
        setup.WhenWired(block => probe.Groups = block.All<IUpstreamGroup>());
        setup.Run(probe);
        setup.Use(next => new LoopHandler(watch, next));
    }
}
