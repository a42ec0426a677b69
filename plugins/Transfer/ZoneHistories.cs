using System.Collections.Concurrent;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Transfer;

/// <summary>The histories of the zones that may be transferred. Goes from one configuration to the next.</summary>
internal sealed class ZoneHistories
{
    private readonly ConcurrentDictionary<DnsName, ZoneHistory> _histories = new();

    /// <summary>The history that ends with a version of a zone; null when it does not, or there is none.</summary>
    public ZoneHistory? Find(Zone zone) =>
        _histories.TryGetValue(zone.Origin, out ZoneHistory? history) && ReferenceEquals(history.Current, zone) ? history : null;

    /// <summary>Notes a version. Calls for one zone do not overlap.</summary>
    public void Note(Zone zone) =>
        _histories[zone.Origin] = _histories.TryGetValue(zone.Origin, out ZoneHistory? history) ? history.Next(zone) : new ZoneHistory(zone);

    /// <summary>Takes over what another configuration noted of a zone.</summary>
    public void Adopt(DnsName origin, ZoneHistories other)
    {
        if (other._histories.TryGetValue(origin, out ZoneHistory? history))
        {
            _histories.TryAdd(origin, history);
        }
    }

    /// <summary>Forgets a zone.</summary>
    public void Forget(DnsName origin) => _histories.TryRemove(origin, out _);
}
