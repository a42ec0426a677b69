using System.Collections.Concurrent;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>A plugin whose zones a test sets: the directive <c>zones</c>.</summary>
internal sealed class FakeZonesPlugin : IDnsPlugin, ITransferSource
{
    private readonly ConcurrentDictionary<DnsName, ITransferZone?> _zones = new();

    public string Name => "zones";

    public ITransferNotifier? Notifier { get; private set; }

    public void Setup(PluginSetup setup)
    {
        setup.Provide<ITransferSource>(this);
        setup.WhenWired(b => Notifier = b.All<ITransferNotifier>().SingleOrDefault());
    }

    public void Set(FakeZone zone) => _zones[zone.Origin] = zone;

    public void SetMissing(string origin) => _zones[DnsName.Parse(origin)] = null;

    public bool TryGetZone(DnsNameView origin, out ITransferZone? zone) => _zones.TryGetValue(origin.ToName(), out zone);
}
