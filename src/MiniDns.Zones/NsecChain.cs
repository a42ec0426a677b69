using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>The names that own NSEC records, in canonical order: finds the one that covers a name (RFC 4034 §4).</summary>
internal sealed class NsecChain
{
    private readonly Zone _zone;
    private readonly int[] _ids;
    private readonly ulong[] _keys;

    private NsecChain(Zone zone, int[] ids)
    {
        _zone = zone;
        _ids = ids;
        _keys = CanonicalKey.Sort(zone, ids);
    }

    /// <summary>Collects the chain of a zone; null when its apex has no NSEC.</summary>
    public static NsecChain? TryCreate(Zone zone)
    {
        if (!zone.Apex.Traits.HasFlag(NodeTraits.Nsec))
        {
            return null;
        }

        List<int> ids = [];
        for (int i = 0; i < zone.NameCount; i++)
        {
            NodeTraits traits = zone.NodeAt(i).Traits;
            if ((traits & (NodeTraits.Nsec | NodeTraits.Hidden)) == NodeTraits.Nsec)
            {
                ids.Add(i);
            }
        }

        return new NsecChain(zone, [.. ids]);
    }

    /// <summary>The last node of the chain that is not behind a name: its NSEC matches or covers it.</summary>
    public ZoneNode Find(DnsNameView name)
    {
        ulong key = CanonicalKey.Part(name, _zone.Origin.Length, 0);
        int low = 0;                            // the apex is not behind any name of the zone
        int high = _ids.Length;
        while (high - low > 1)
        {
            int middle = (low + high) >>> 1;
            bool isBehind = _keys[middle] == key
                ? _zone.NodeAt(_ids[middle]).Name.CompareCanonical(name) > 0
                : _keys[middle] > key;
            if (isBehind)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return _zone.NodeAt(_ids[low]);
    }
}
