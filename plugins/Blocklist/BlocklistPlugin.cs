using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.NameLists;

namespace MiniDns.Plugins.Blocklist;

/// <summary><c>blocklist { … }</c>: answers in place of names that lists block.</summary>
public sealed class BlocklistPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "blocklist";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        BlocklistOptions options = new BlocklistReader().Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
        var files = new NameListFiles(options.Names, setup.Services, setup.Previous<NameListFiles>());
        files.ReadAtSetup(setup.Diagnostics);
        setup.Run(files);
        setup.Provide(files);
        setup.Use(next => new BlocklistHandler(options, files, setup.Services.Metrics, next));
    }
}
