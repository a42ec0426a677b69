using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>The NSEC3 records of a zone, by hash: finds the one that matches or covers a name (RFC 5155 §7.2.1).</summary>
internal sealed class Nsec3Chain
{
    private readonly Zone _zone;
    private readonly byte[] _parameters;     // rdata of the NSEC3PARAM record
    private readonly byte[] _salt;
    private readonly SortedNodes _nodes;     // by the first eight octets of their hashes
    private readonly int[] _matches;         // node id → id + 1 of the node whose record matches the name; 0 unknown, -1 none
    private readonly int[] _wildcards;       // node id → id + 1 of the node whose record covers * below the name; 0 unknown

    private Nsec3Chain(Zone zone, byte[] parameters, SortedNodes nodes, Nsec3Chain? same)
    {
        _zone = zone;
        _parameters = parameters;
        _salt = parameters.AsSpan(5, parameters[4]).ToArray();
        _nodes = nodes;
        Iterations = BinaryPrimitives.ReadUInt16BigEndian(parameters.AsSpan(2));
        _matches = same?._matches ?? new int[zone.IdCount];
        _wildcards = same?._wildcards ?? new int[zone.IdCount];
    }

    /// <summary>How often a hash is hashed again.</summary>
    public int Iterations { get; }

    /// <summary>Collects the chain that the apex's NSEC3PARAM tells; null when there is none.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="before">The version that it was made of, or null.</param>
    public static Nsec3Chain? TryCreate(Zone zone, Zone? before)
    {
        if (!zone.Apex.TryGet(DnsRecordType.NSEC3PARAM, out NodeRRset parameters))
        {
            return null;
        }

        Nsec3Chain? known = before?.Nsec3;
        foreach (ReadOnlySpan<byte> rdata in parameters.Records)
        {
            // RFC 5155 §4.1.2: a record with other flags than zero is not for servers to use
            if (rdata.Length < 5 || rdata[0] != 1 || rdata[1] != 0)
            {
                continue;
            }

            Nsec3Chain? chain = known is not null && rdata.SequenceEqual(known._parameters) ? known.Change(zone) : Collect(zone, rdata);
            if (chain is not null)
            {
                return chain;
            }
        }

        return null;
    }

    /// <summary>The node whose record has the hash of a name.</summary>
    /// <returns>The node's id, or -1.</returns>
    public int Match(DnsNameView name)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(name, _salt, Iterations, hash);
        int id = LastNotBehind(hash);
        return id >= 0 && CompareHash(_zone, id, hash) == 0 ? id : -1;
    }

    /// <summary>The node whose record has the hash of a node's name; worked out once.</summary>
    public int Match(in ZoneNode node)
    {
        // A name that came later than these arrays is worked out each time.
        int at = node.Id;
        if (at >= _matches.Length)
        {
            return Match(node.Name);
        }

        // Two threads may both work it out, and find the same.
        int known = _matches[at];
        if (known == 0)
        {
            known = Match(node.Name) is int id and >= 0 ? id + 1 : -1;
            _matches[at] = known;
        }

        return known > 0 ? known - 1 : -1;
    }

    /// <summary>The node whose record covers a name's hash; the last one covers what is before the first.</summary>
    public int Cover(DnsNameView name)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(name, _salt, Iterations, hash);
        int id = LastNotBehind(hash);
        return id < 0 ? _nodes.Last : id;
    }

    /// <summary>The node whose record covers the name <c>*</c> below a node; worked out once.</summary>
    public int CoverWildcard(in ZoneNode node)
    {
        int at = node.Id;
        int known = at < _wildcards.Length ? _wildcards[at] : 0;
        if (known == 0)
        {
            Span<byte> name = stackalloc byte[DnsNameView.MaxLength + 2];
            known = Cover(WildcardName.Below(node.Name, name)) + 1;
            if (at < _wildcards.Length)
            {
                _wildcards[at] = known;
            }
        }

        return known - 1;
    }

    private static Nsec3Chain? Collect(Zone zone, ReadOnlySpan<byte> parameters)
    {
        List<(byte[] Hash, int Id)> found = [];
        for (int i = 0; i < zone.IdCount; i++)
        {
            ZoneNode node = zone.NodeAt(i);
            if ((node.Traits & NodeTraits.Hashed) != 0)
            {
                byte[] hash = new byte[Nsec3Hash.Size];
                if (IsMember(zone, node, parameters, hash))
                {
                    found.Add((hash, i));
                }
            }
        }

        if (found.Count == 0)
        {
            return null;
        }

        found.Sort(static (a, b) => a.Hash.AsSpan().SequenceCompareTo(b.Hash));
        var nodes = SortedNodes.Of([.. found.Select(f => KeyOf(f.Hash))], [.. found.Select(f => f.Id)]);
        return new Nsec3Chain(zone, parameters.ToArray(), nodes, same: null);
    }

    /// <summary>True when a node belongs to the chain.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="node">The node.</param>
    /// <param name="parameters">Those of the chain.</param>
    /// <param name="hash">Takes the node's hash.</param>
    private static bool IsMember(Zone zone, in ZoneNode node, ReadOnlySpan<byte> parameters, Span<byte> hash) =>
        node.TryGet(DnsRecordType.NSEC3, out NodeRRset records)
        && SameParameters(records.Records.First, parameters)
        && node.Name.LabelCount == zone.Origin.LabelCount + 1
        && Nsec3Hash.TryParse(node.Name.FirstLabel, hash);

    /// <summary>Algorithm, iterations and salt are the same; flags do not count.</summary>
    private static bool SameParameters(ReadOnlySpan<byte> record, ReadOnlySpan<byte> parameters) =>
        record.Length > parameters.Length
        && record[0] == parameters[0]
        && record.Slice(2, parameters.Length - 2).SequenceEqual(parameters[2..]);

    private static ulong KeyOf(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64BigEndian(hash);

    /// <summary>Compares the hash that a node's name tells with another.</summary>
    private static int CompareHash(Zone zone, int id, ReadOnlySpan<byte> hash)
    {
        Span<byte> own = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.TryParse(zone.NodeAt(id).Name.FirstLabel, own);
        return own.SequenceCompareTo(hash);
    }

    /// <summary>The chain in another version of the zone; null when nothing is left of it.</summary>
    private Nsec3Chain? Change(Zone zone)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        SortedNodes.Editor? editor = null;
        foreach (int id in zone.Parts.Touched!)
        {
            bool wasMember = id < _zone.IdCount && IsMember(_zone, _zone.NodeAt(id), _parameters, hash);
            if (IsMember(zone, zone.NodeAt(id), _parameters, hash) == wasMember)
            {
                continue;
            }

            editor ??= _nodes.Edit();
            var sought = new Sought(zone, hash);
            if (wasMember)
            {
                editor.Remove(KeyOf(hash), sought);
            }
            else
            {
                editor.Add(KeyOf(hash), sought, id);
            }
        }

        if (editor is null)
        {
            return new Nsec3Chain(zone, _parameters, _nodes, this);
        }

        return editor.ToNodes() is { } nodes ? new Nsec3Chain(zone, _parameters, nodes, same: null) : null;
    }

    /// <summary>The last node whose hash is not behind another; -1 when all are.</summary>
    private int LastNotBehind(ReadOnlySpan<byte> hash) => _nodes.LastNotBehind(KeyOf(hash), new Sought(_zone, hash));

    private readonly ref struct Sought(Zone zone, ReadOnlySpan<byte> hash) : ISoughtNode
    {
        private readonly ReadOnlySpan<byte> _hash = hash;

        public bool IsBefore(int id) => CompareHash(zone, id, _hash) > 0;
    }
}
