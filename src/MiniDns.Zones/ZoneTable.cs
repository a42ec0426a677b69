using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>A fixed set of zones, searched by the names that are in them.</summary>
public sealed class ZoneTable
{
    private readonly DnsNameTable<ServedZone> _zones;
    private readonly ServedZone? _only;

    /// <summary>Makes a table; of two zones with one name the later counts.</summary>
    public ZoneTable(IReadOnlyCollection<ServedZone> zones)
    {
        _zones = new DnsNameTable<ServedZone>([.. zones.Select(z => KeyValuePair.Create(z.Origin, z))]);
        _only = _zones.Count == 1 ? _zones.Values[0] : null;
    }

    /// <summary>No zones.</summary>
    public static ZoneTable Empty { get; } = new([]);

    /// <summary>The zones, in no order that means anything.</summary>
    public ReadOnlySpan<ServedZone> All => _zones.Values;

    /// <summary>The zone of a name.</summary>
    public bool TryGet(DnsName origin, [NotNullWhen(true)] out ServedZone? zone) => _zones.TryGet(origin.View, out zone);

    /// <summary>Finds the zone that a question belongs to: the nearest at or above the name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type: DS at a zone's apex belongs to the zone above, if that is here too (RFC 4035 §3.1.4.1).</param>
    /// <param name="zone">The zone.</param>
    public bool TryFind(DnsNameView name, DnsRecordType type, [NotNullWhen(true)] out ServedZone? zone)
    {
        if (_only is { } only)
        {
            zone = name.IsSubdomainOf(only.Origin.View) ? only : null;
            return zone is not null;
        }

        if (!_zones.TryGetLongestSuffix(name, out zone, out _))
        {
            return false;
        }

        if (type == DnsRecordType.DS && !name.IsRoot && zone.Origin.Length == name.Length && _zones.TryGetLongestSuffix(name.Parent, out ServedZone? above, out _))
        {
            zone = above;
        }

        return true;
    }
}
