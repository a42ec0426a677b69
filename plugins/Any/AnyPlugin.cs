using MiniDns.Configuration;

namespace MiniDns.Plugins.Any;

/// <summary>The directive <c>any</c>.</summary>
public sealed class AnyPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "any";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        new DirectiveReader(setup.Directives[0], setup.Diagnostics).End();
        setup.Use(next => new AnyHandler(next));
    }
}
