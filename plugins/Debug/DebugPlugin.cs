using MiniDns.Configuration;

namespace MiniDns.Plugins.Debug;

/// <summary>The directive <c>debug</c>.</summary>
public sealed class DebugPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "debug";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        foreach (Directive directive in setup.Directives)
        {
            new DirectiveReader(directive, setup.Diagnostics).End();
        }

        setup.Block.Debug = true;
    }
}
