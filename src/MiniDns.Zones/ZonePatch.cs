using System.Buffers.Binary;
using System.Globalization;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Collects changes to a version of a zone, and makes the next version of them: immutable as well, with all that is unchanged
/// shared by the two.</summary>
/// <remarks>
/// <para>What it costs depends on the changes, not on the zone, but for two cases: when the blocks that changes have replaced come to a
/// quarter of the zone, it is built anew; and a delegation or DNAME that comes to a name with others below it, or goes from there,
/// has all nodes looked at.</para>
/// <para>Not for parallel use. After <see cref="TryBuild"/> it is used up.</para>
/// </remarks>
/// <param name="zone">The version to change.</param>
/// <param name="problems">Takes what is wrong, and what is doubtful at the names that change.</param>
public sealed class ZonePatch(Zone zone, ZoneProblems problems)
{
    /// <summary>How many chunks changes may add before the zone is built anew: each version has a list of all of them.</summary>
    private const int MaxChunks = 4096;

    /// <summary>The octets of changes that even a small zone bears, and the share of a large one.</summary>
    private const int FreeOctets = 4096;
    private const int Share = 4;

    private readonly Dictionary<byte[], Addition> _added = new(RecordKey.Comparer);
    private readonly HashSet<byte[]> _removed = new(RecordKey.Comparer);
    private readonly byte[] _key = new byte[RecordKey.MaxLength];

    /// <summary>The version to change.</summary>
    internal Zone Zone => zone;

    /// <summary>Takes what is wrong.</summary>
    internal ZoneProblems Problems => problems;

    /// <summary>The records to add.</summary>
    internal IReadOnlyCollection<Addition> Added => _added.Values;

    /// <summary>Adds a record; one that the zone has already gets this TTL. The TTL of added records goes for the whole RRset.</summary>
    /// <param name="owner">The owner name. A record outside of the zone is left out, with a warning.</param>
    /// <param name="type">The type.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="rdata">The rdata, names uncompressed, in the form of its type.</param>
    /// <param name="place">Where it was read.</param>
    public void Add(DnsNameView owner, DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata, in ZonePlace place)
    {
        byte[] octets = [.. owner.Wire, .. rdata];
        _added[KeyOf(owner, type, rdata).ToArray()] = new Addition(octets, owner.Length, type, ttl, place);
    }

    /// <summary>Takes a record away, which was in the zone or was added before; whatever its TTL and the case of its names.</summary>
    public void Remove(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        ReadOnlySpan<byte> key = KeyOf(owner, type, rdata);
        if (!_added.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key))
        {
            _removed.GetAlternateLookup<ReadOnlySpan<byte>>().Add(key);
        }
    }

    /// <summary>Checks the changes and makes the version.</summary>
    /// <returns>Null when there are errors; a record to be taken away that is not there is one.</returns>
    public Zone? TryBuild()
    {
        if (TryChange() is not { } next)
        {
            return null;
        }

        long octets = next.Parts.Chunks.Sum(c => (long)c.Length) - next.Parts.PatchOctets;
        if (next.Parts.PatchOctets <= FreeOctets + (octets / Share) && next.Parts.PatchChunks <= MaxChunks)
        {
            return next;
        }

        var builder = new ZoneBuilder(next.Origin, new ZoneProblems(), next.NameCount);
        builder.AddAll(next);
        return builder.TryBuild() ?? next;
    }

    /// <summary>Makes the version as <see cref="TryBuild"/> does, but never anew.</summary>
    internal Zone? TryChange() => new PatchBuilder(this).TryBuild();

    /// <summary>Calls for each record to be taken away.</summary>
    internal void ForEachRemoved(RecordAction action)
    {
        foreach (byte[] key in _removed)
        {
            DnsNameView.TryRead(key, out DnsNameView owner);
            action(owner, (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(key.AsSpan(owner.Length)), key.AsSpan(owner.Length + 2));
        }
    }

    /// <summary>Whether a record of the zone is still there after the changes, unless it is one of the added ones.</summary>
    /// <param name="records">The RRset.</param>
    /// <param name="rdata">The record.</param>
    /// <param name="isRemoved">True when it is to be taken away.</param>
    internal bool IsKept(in RRsetView records, ReadOnlySpan<byte> rdata, out bool isRemoved)
    {
        ReadOnlySpan<byte> key = KeyOf(records.Owner, records.Type, rdata);
        isRemoved = _removed.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(key);
        return !isRemoved && !_added.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(key);
    }

    /// <summary>Notes an error unless all records to be taken away were there.</summary>
    internal void CheckRemoved(int found)
    {
        if (found != _removed.Count)
        {
            string place = _added.Count > 0 ? _added.Values.First().Place.File : zone.Origin.ToString();
            problems.Error(new ZonePlace(place), string.Create(CultureInfo.InvariantCulture, $"the changes remove {_removed.Count - found} records that the zone does not have"));
        }
    }

    private ReadOnlySpan<byte> KeyOf(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata) => _key.AsSpan(0, RecordKey.Write(owner, type, rdata, _key));

    /// <summary>Takes a record.</summary>
    internal delegate void RecordAction(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata);

    /// <summary>A record to add.</summary>
    /// <param name="Octets">The owner, with the case that was sent, and the rdata.</param>
    /// <param name="OwnerLength">The length of the owner.</param>
    /// <param name="Type">The type.</param>
    /// <param name="Ttl">The time to live, in seconds.</param>
    /// <param name="Place">Where it was read.</param>
    internal sealed record Addition(byte[] Octets, int OwnerLength, DnsRecordType Type, uint Ttl, ZonePlace Place)
    {
        public DnsNameView Owner => new(Octets.AsSpan(0, OwnerLength));

        public ReadOnlySpan<byte> Rdata => Octets.AsSpan(OwnerLength);
    }
}
