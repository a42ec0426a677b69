using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>One version of a zone's data: immutable, compact, linked for lookups. <see cref="ZoneBuilder"/> makes it, or <see cref="ZonePatch"/> of another version.</summary>
/// <remarks>
/// <para>All data is in a few arrays, without an object a name or an RRset: blocks of octets with a node each
/// (<see cref="ZoneNode"/>), and a hash table from names to blocks. A block is found by a reference of 32 bits: the number of
/// its chunk and its offset in units of four octets.</para>
/// <para>Blocks know each other by the ids of nodes, which stay the same from version to version. So a change needs new blocks
/// for the names it touches only, and the pages of the tables that lead to them; all else is shared by the versions, and a lookup does
/// not know a changed zone from a new one.</para>
/// </remarks>
public sealed class Zone
{
    /// <summary>The size in octets of a chunk of blocks; a larger block has a chunk of its own.</summary>
    internal const int ChunkSize = 1 << 20;

    /// <summary>How many chunks there can be.</summary>
    internal const int MaxChunks = 1 << (32 - OffsetBits);

    private const int OffsetBits = 18;
    private const NodeTraits Unseen = NodeTraits.Phantom | NodeTraits.Hashed;

    private readonly byte[][] _chunks;
    private readonly Pages<uint> _references;
    private readonly Pages<ulong> _slots;
    private readonly int _mask;
    private readonly Lazy<int[]> _order;
    private readonly object _version = new();
    private readonly object? _versionBefore;

    internal Zone(ZoneParts parts, Zone? before = null)
    {
        Parts = parts;
        _chunks = parts.Chunks;
        _references = parts.References;
        _slots = parts.Slots;
        _mask = _slots.Count - 1;
        _versionBefore = before?._version;
        Apex = NodeAt(0);
        Apex.TryGet(DnsRecordType.SOA, out NodeRRset soa);
        Apex.TryGet(DnsRecordType.NS, out NodeRRset nameServers);
        SoaSet = soa;
        NameServers = nameServers;
        HasNameServers = Apex.Has(DnsRecordType.NS);
        ReadOnlySpan<byte> rdata = soa.Records.First;
        Serial = BinaryPrimitives.ReadUInt32BigEndian(rdata[^20..]);
        Minimum = BinaryPrimitives.ReadUInt32BigEndian(rdata[^4..]);
        NegativeTtl = Math.Min(soa.Records.Ttl, Minimum);
        _order = new Lazy<int[]>(MakeOrder);
        Nsec = NsecChain.TryCreate(this, before);
        Nsec3 = Nsec3Chain.TryCreate(this, before);
    }

    /// <summary>The zone's name.</summary>
    public DnsName Origin => Parts.Origin;

    /// <summary>The SOA record's serial number.</summary>
    public uint Serial { get; }

    /// <summary>The SOA record's last field, in seconds.</summary>
    public uint Minimum { get; }

    /// <summary>The TTL of the SOA record in negative answers, in seconds (RFC 2308 §3).</summary>
    public uint NegativeTtl { get; }

    /// <summary>The SOA RRset.</summary>
    public RRsetView Soa => SoaSet.Records;

    /// <summary>How many names there are, empty non-terminals and owners of NSEC3 records included.</summary>
    public int NameCount => Parts.NameCount;

    /// <summary>True when answers come with signatures and proofs.</summary>
    public bool IsSigned => Nsec is not null || Nsec3 is not null;

    /// <summary>What the data takes in memory, in octets, what it shares with other versions included.</summary>
    public long Footprint
    {
        get
        {
            long octets = _references.Footprint + _slots.Footprint;
            foreach (byte[] chunk in _chunks)
            {
                octets += chunk.Length;
            }

            return octets;
        }
    }

    internal ZoneNode Apex { get; }

    internal NodeRRset SoaSet { get; }

    internal NodeRRset NameServers { get; }

    internal bool HasNameServers { get; }

    /// <summary>The most labels that a name of the zone has.</summary>
    internal int MaxDepth => Parts.MaxDepth;

    /// <summary>How many ids there are, those of phantoms included.</summary>
    internal int IdCount => _references.Count;

    /// <summary>What a next version is made of.</summary>
    internal ZoneParts Parts { get; }

    internal NsecChain? Nsec { get; }

    internal Nsec3Chain? Nsec3 { get; }

    /// <summary>Every RRset, signatures included: the SOA first, the rest in the order of the store. That is what a transfer sends.</summary>
    public RecordSequence Records => new(this, null);

    /// <summary>Every RRset, signatures included: the SOA first, then in the canonical order of the names (RFC 4034 §6.1).</summary>
    /// <remarks>The order is worked out at the first use and kept: half a second for a million names.</remarks>
    public RecordSequence CanonicalRecords => new(this, _order.Value);

    /// <summary>The RRset of a name and a type, without wildcards, referrals and the like; for tools and transfers.</summary>
    public bool TryGetRecords(DnsNameView name, DnsRecordType type, out RRsetView records)
    {
        if (TryFind(name, name.Hash, out ZoneNode node) && node.TryGet(type, out NodeRRset set))
        {
            records = set.Records;
            return true;
        }

        records = default;
        return false;
    }

    /// <summary>The node of a name.</summary>
    internal bool TryFind(DnsNameView name, ulong hash, out ZoneNode node)
    {
        uint tag = TagOf(hash);
        for (int slot = (int)hash & _mask; ; slot = (slot + 1) & _mask)
        {
            ulong found = _slots[slot];
            if (found == 0)
            {
                node = default;
                return false;
            }

            if ((uint)(found >> 32) == tag)
            {
                node = BlockAt((uint)found);
                if (node.Name.Equals(name) && (node.Traits & Unseen) == 0)
                {
                    return true;
                }
            }
        }
    }

    /// <summary>The id of a name, even if it is a phantom's; -1 for none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hashed"><see cref="NodeTraits.Hashed"/> for a name of the NSEC3 chain.</param>
    internal int FindAny(DnsNameView name, NodeTraits hashed)
    {
        ulong hash = name.Hash;
        for (int slot = (int)hash & _mask; ; slot = (slot + 1) & _mask)
        {
            ulong found = _slots[slot];
            if (found == 0)
            {
                return -1;
            }

            if ((uint)(found >> 32) == TagOf(hash))
            {
                ZoneNode node = BlockAt((uint)found);
                if ((node.Traits & NodeTraits.Hashed) == hashed && node.Name.Equals(name))
                {
                    return node.Id;
                }
            }
        }
    }

    /// <summary>The nodes that are not as they were in an earlier version, in canonical order; null when this version was not made of that one.</summary>
    internal int[]? TouchedSince(Zone before) => ReferenceEquals(_versionBefore, before._version) ? Parts.Touched : null;

    /// <summary>The node of an id.</summary>
    internal ZoneNode NodeAt(int id) => BlockAt(_references[id]);

    internal static uint TagOf(ulong hash) => (uint)(hash >> 32) | 1;

    internal static uint Reference(int chunk, int offset) => ((uint)chunk << OffsetBits) | ((uint)offset >> 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ZoneNode BlockAt(uint reference) => BlockAt(_chunks, reference);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ZoneNode BlockAt(byte[][] chunks, uint reference) => new(chunks[reference >> OffsetBits], (int)(reference & ((1u << OffsetBits) - 1)) << 2);

    private int[] MakeOrder()
    {
        int[] ids = [.. Enumerable.Range(0, IdCount)];
        CanonicalKey.Sort(this, ids);
        return ids;
    }
}
