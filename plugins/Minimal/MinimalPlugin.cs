using MiniDns.Configuration;

namespace MiniDns.Plugins.Minimal;

/// <summary>The directive <c>minimal</c>.</summary>
public sealed class MinimalPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "minimal";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        new DirectiveReader(setup.Directives[0], setup.Diagnostics).End();
        setup.Use(next => new MinimalHandler(next));
    }
}
