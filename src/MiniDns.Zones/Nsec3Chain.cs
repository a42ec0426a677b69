using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>The NSEC3 records of a zone, by hash: finds the one that matches or covers a name (RFC 5155 §7.2.1).</summary>
internal sealed class Nsec3Chain
{
    private readonly Zone _zone;
    private readonly byte[] _hashes;         // 20 octets each, ascending
    private readonly ulong[] _keys;          // the first eight of them
    private readonly int[] _ids;
    private readonly byte[] _salt;
    private readonly int _iterations;
    private readonly int[] _matches;         // node id → index + 1 of the record that matches the name; 0 unknown, -1 none
    private readonly int[] _wildcards;       // node id → index + 1 of the record that covers * below the name; 0 unknown

    private Nsec3Chain(Zone zone, byte[] hashes, ulong[] keys, int[] ids, byte[] salt, int iterations)
    {
        _zone = zone;
        _hashes = hashes;
        _keys = keys;
        _ids = ids;
        _salt = salt;
        _iterations = iterations;
        _matches = new int[zone.NameCount];
        _wildcards = new int[zone.NameCount];
    }

    /// <summary>How often a hash is hashed again.</summary>
    public int Iterations => _iterations;

    /// <summary>Collects the chain that the apex's NSEC3PARAM tells; null when there is none.</summary>
    public static Nsec3Chain? TryCreate(Zone zone)
    {
        if (!zone.Apex.TryGet(DnsRecordType.NSEC3PARAM, out NodeRRset parameters))
        {
            return null;
        }

        foreach (ReadOnlySpan<byte> rdata in parameters.Records)
        {
            // RFC 5155 §4.1.2: a record with other flags than zero is not for servers to use
            if (rdata.Length >= 5 && rdata[0] == 1 && rdata[1] == 0 && Collect(zone, rdata) is { } chain)
            {
                return chain;
            }
        }

        return null;
    }

    /// <summary>The record whose hash is the name's.</summary>
    /// <returns>The record's index, or -1.</returns>
    public int Match(DnsNameView name)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(name, _salt, _iterations, hash);
        int index = LastNotBehind(hash);
        return index >= 0 && HashAt(index).SequenceEqual(hash) ? index : -1;
    }

    /// <summary>The record whose hash is that of a node's name; worked out once.</summary>
    public int Match(in ZoneNode node)
    {
        // Two threads may both work it out, and find the same.
        int known = _matches[node.Id];
        if (known == 0)
        {
            known = Match(node.Name) is int index and >= 0 ? index + 1 : -1;
            _matches[node.Id] = known;
        }

        return known > 0 ? known - 1 : -1;
    }

    /// <summary>The record that covers a name's hash; the last one covers what is before the first.</summary>
    public int Cover(DnsNameView name)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(name, _salt, _iterations, hash);
        int index = LastNotBehind(hash);
        return index < 0 ? _ids.Length - 1 : index;
    }

    /// <summary>The record that covers the name <c>*</c> below a node; worked out once.</summary>
    public int CoverWildcard(in ZoneNode node)
    {
        int known = _wildcards[node.Id];
        if (known == 0)
        {
            Span<byte> name = stackalloc byte[DnsNameView.MaxLength + 2];
            known = Cover(WildcardName.Below(node.Name, name)) + 1;
            _wildcards[node.Id] = known;
        }

        return known - 1;
    }

    /// <summary>The node of a record.</summary>
    public ZoneNode NodeAt(int index) => _zone.NodeAt(_ids[index]);

    private static Nsec3Chain? Collect(Zone zone, ReadOnlySpan<byte> parameters)
    {
        List<(byte[] Hash, int Id)> found = [];
        for (int i = 0; i < zone.NameCount; i++)
        {
            ZoneNode node = zone.NodeAt(i);
            if (!node.Traits.HasFlag(NodeTraits.Hashed) || !node.TryGet(DnsRecordType.NSEC3, out NodeRRset records))
            {
                continue;
            }

            byte[] hash = new byte[Nsec3Hash.Size];
            ReadOnlySpan<byte> rdata = records.Records.First;
            if (SameParameters(rdata, parameters) && Nsec3Hash.TryParse(node.Name.FirstLabel, hash))
            {
                found.Add((hash, i));
            }
        }

        if (found.Count == 0)
        {
            return null;
        }

        found.Sort(static (a, b) => a.Hash.AsSpan().SequenceCompareTo(b.Hash));
        byte[] hashes = new byte[found.Count * Nsec3Hash.Size];
        ulong[] keys = new ulong[found.Count];
        int[] ids = new int[found.Count];
        for (int i = 0; i < found.Count; i++)
        {
            found[i].Hash.CopyTo(hashes, i * Nsec3Hash.Size);
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(found[i].Hash);
            ids[i] = found[i].Id;
        }

        return new Nsec3Chain(zone, hashes, keys, ids, parameters.Slice(5, parameters[4]).ToArray(), BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]));
    }

    /// <summary>Algorithm, iterations and salt are the same; flags do not count.</summary>
    private static bool SameParameters(ReadOnlySpan<byte> record, ReadOnlySpan<byte> parameters) =>
        record.Length > parameters.Length
        && record[0] == parameters[0]
        && record.Slice(2, parameters.Length - 2).SequenceEqual(parameters[2..]);

    private ReadOnlySpan<byte> HashAt(int index) => _hashes.AsSpan(index * Nsec3Hash.Size, Nsec3Hash.Size);

    /// <summary>The last record that is not behind a hash; -1 when all are.</summary>
    private int LastNotBehind(ReadOnlySpan<byte> hash)
    {
        ulong key = BinaryPrimitives.ReadUInt64BigEndian(hash);
        int low = -1;
        int high = _ids.Length;
        while (high - low > 1)
        {
            int middle = (low + high) >>> 1;
            bool isBehind = _keys[middle] == key ? HashAt(middle).SequenceCompareTo(hash) > 0 : _keys[middle] > key;
            if (isBehind)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return low;
    }
}
