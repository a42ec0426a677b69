using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.Metadata;

/// <summary><c>metadata [ZONES...]</c>: makes what plugins know about queries available by name.</summary>
public sealed class MetadataPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "metadata";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        var reader = new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        var scope = new MetadataScope(reader.Zones());
        reader.End();
        setup.Provide<IMetadataScope>(scope);
    }
}
