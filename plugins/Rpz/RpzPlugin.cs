using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.NameLists;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary><c>rpz { … }</c>: answers as response policy zones want it.</summary>
public sealed class RpzPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "rpz";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        RpzOptions options = new RpzReader().Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
        if (setup.Diagnostics.HasErrors)
        {
            return;
        }

        var meter = new RpzMeter(setup.Services);
        var zones = new RpzZones(options, setup.Services, meter, setup.Previous<RpzZones>());
        setup.Provide(zones);
        NameListFiles? allowed = null;
        if (options.Allowed is { } names)
        {
            allowed = new NameListFiles(names, setup.Services, setup.Previous<NameListFiles>());
            setup.Provide(allowed);
            setup.Run(allowed);
        }

        setup.Run(zones);
        QuerySlot<bool> exempt = setup.ReserveSlot<bool>();
        setup.Use(next => new RpzHandler(options, zones.All, allowed, setup.Queries, exempt, meter, next));
    }
}
