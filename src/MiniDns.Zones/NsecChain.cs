using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>The names that own NSEC records, in canonical order: finds the one that covers a name (RFC 4034 §4).</summary>
internal sealed class NsecChain
{
    private readonly Zone _zone;
    private readonly SortedNodes _nodes;

    private NsecChain(Zone zone, SortedNodes nodes)
    {
        _zone = zone;
        _nodes = nodes;
    }

    /// <summary>Collects the chain of a zone; null when its apex has no NSEC.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="before">The version that it was made of, or null.</param>
    public static NsecChain? TryCreate(Zone zone, Zone? before)
    {
        if (!zone.Apex.Traits.HasFlag(NodeTraits.Nsec))
        {
            return null;
        }

        if (before?.Nsec is { } chain)
        {
            return new NsecChain(zone, chain.Change(zone, zone.Parts.Touched));
        }

        List<int> found = [];
        for (int i = 0; i < zone.IdCount; i++)
        {
            if (IsMember(zone.NodeAt(i)))
            {
                found.Add(i);
            }
        }

        int[] ids = [.. found];
        return new NsecChain(zone, SortedNodes.Of(CanonicalKey.Sort(zone, ids), ids));
    }

    /// <summary>The last node of the chain that is not behind a name: its NSEC matches or covers it.</summary>
    public ZoneNode Find(DnsNameView name)
    {
        // The apex is not behind any name of the zone.
        ulong key = CanonicalKey.Part(name, _zone.Origin.Length, 0);
        return _zone.NodeAt(_nodes.LastNotBehind(key, new Sought(_zone, name)));
    }

    private static bool IsMember(in ZoneNode node) => (node.Traits & (NodeTraits.Nsec | NodeTraits.Hidden)) == NodeTraits.Nsec;

    /// <summary>The nodes of the chain in another version.</summary>
    private SortedNodes Change(Zone zone, ReadOnlySpan<int> touched)
    {
        SortedNodes.Editor? editor = null;
        foreach (int id in touched)
        {
            ZoneNode node = zone.NodeAt(id);
            bool isMember = IsMember(node);
            if (isMember == (id < _zone.IdCount && IsMember(_zone.NodeAt(id))))
            {
                continue;
            }

            // Names stay with their ids, so either version tells the order.
            editor ??= _nodes.Edit();
            ulong key = CanonicalKey.Part(node.Name, zone.Origin.Length, 0);
            if (isMember)
            {
                editor.Add(key, new Sought(zone, node.Name), id);
            }
            else
            {
                editor.Remove(key, new Sought(zone, node.Name));
            }
        }

        return editor is null ? _nodes : editor.ToNodes()!;
    }

    private readonly ref struct Sought(Zone zone, DnsNameView name) : ISoughtNode
    {
        private readonly DnsNameView _name = name;

        public bool IsBefore(int id) => zone.NodeAt(id).Name.CompareCanonical(_name) > 0;
    }
}
