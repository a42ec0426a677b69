using MiniDns.Configuration;

namespace MiniDns.Plugins.Whoami;

/// <summary>The directive <c>whoami</c>.</summary>
public sealed class WhoamiPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "whoami";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        new DirectiveReader(setup.Directives[0], setup.Diagnostics).End();
        setup.Use(_ => new WhoamiHandler());
    }
}
