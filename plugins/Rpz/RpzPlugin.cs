using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.NameLists;
using MiniDns.Plugins.Primaries;
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

        var reader = new RpzReader();
        RpzOptions options = reader.Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
        if (setup.Diagnostics.HasErrors)
        {
            return;
        }

        var meter = new RpzMeter(setup.Services);
        TransferContext context = TransferContext.Of(setup.Services, TransferSlots.OfProcess, Name, "minidns_rpz");
        var zones = new RpzZones(options, setup.Services, context, meter, setup.Previous<RpzZones>());
        zones.ReadAtSetup(setup.Diagnostics);
        PrimaryReader.Resolve(setup, Name, reader.Keys);
        setup.Provide(zones);
        NameListFiles? allowed = null;
        if (options.Allowed is { } names)
        {
            allowed = new NameListFiles(names, setup.Services, setup.Previous<NameListFiles>());
            allowed.ReadAtSetup(setup.Diagnostics);
            setup.Provide(allowed);
            setup.Run(allowed);
        }

        setup.Run(zones);
        QuerySlot<bool> exempt = setup.ReserveSlot<bool>();
        setup.Use(next => new RpzHandler(options, zones.All, allowed, setup.Queries, exempt, meter, next));
        if (zones.Transfers.Count > 0)
        {
            setup.Use(next => new NotifyHandler(zones, context, next), HandlerScope.Notifications);
        }
    }
}
