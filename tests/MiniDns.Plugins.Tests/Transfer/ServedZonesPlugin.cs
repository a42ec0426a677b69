using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>A plugin that keeps zones as <c>file</c> does: the directive <c>served</c>.</summary>
internal sealed class ServedZonesPlugin : IDnsPlugin, IZoneSource
{
    private readonly Dictionary<DnsName, ServedZone> _zones = [];

    public event Action? ZonesChanged;

    public string Name => "served";

    public ZoneTable Zones { get; private set; } = ZoneTable.Empty;

    public void Setup(PluginSetup setup) => setup.Provide<IZoneSource>(this);

    public void Publish(Zone zone)
    {
        if (!_zones.TryGetValue(zone.Origin, out ServedZone? served))
        {
            served = new ServedZone(zone.Origin);
            _zones.Add(zone.Origin, served);
            Changed();
        }

        served.Publish(zone);
    }

    public void Remove(DnsName origin)
    {
        _zones.Remove(origin);
        Changed();
    }

    private void Changed()
    {
        Zones = new ZoneTable(_zones.Values);
        ZonesChanged?.Invoke();
    }
}
