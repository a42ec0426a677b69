using MiniDns.Configuration;

namespace MiniDns.Plugins.Multisocket;

/// <summary>The directive <c>multisocket</c>: how many sockets share an address.</summary>
public sealed class MultisocketPlugin : IDnsPlugin
{
    /// <summary>The most sockets for one address.</summary>
    internal const int MaxSockets = 1024;

    /// <inheritdoc/>
    public string Name => "multisocket";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        int all = Environment.ProcessorCount;
        setup.Endpoint.Sockets = reader.HasArgument ? reader.Int(1, MaxSockets, all) : all;
        reader.End();
    }
}
