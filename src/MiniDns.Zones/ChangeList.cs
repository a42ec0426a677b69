using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Records in octets of their own, so that the zone they were in can go. Written once, then only read.</summary>
public sealed class ChangeList
{
    private byte[] _octets = [];
    private Entry[] _entries = [];
    private int _used;

    /// <summary>No records.</summary>
    public static ChangeList Empty { get; } = new();

    /// <summary>How many RRsets, or parts of RRsets, there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many records there are.</summary>
    public int RecordCount { get; private set; }

    /// <summary>What it takes in memory, in octets, near enough for a budget.</summary>
    public long Footprint => _octets.Length + (_entries.Length * 20L) + 64;

    /// <summary>The RRset, or the part of one, at an index.</summary>
    public RRsetView this[int index]
    {
        get
        {
            Entry entry = _entries[index];
            return new RRsetView(_octets, entry.Owner, entry.OwnerLength, entry.Body, entry.BodyLength, entry.Count);
        }
    }

    /// <summary>Adds an RRset.</summary>
    internal void Add(in RRsetView records)
    {
        Begin(records.Owner);
        records.Body.CopyTo(Take(records.Body.Length));
        End(records.Count);
    }

    /// <summary>Adds some of an RRset's records.</summary>
    /// <param name="records">The RRset.</param>
    /// <param name="bodies">Where in its body the records stand; at least one.</param>
    internal void Add(in RRsetView records, List<Range> bodies)
    {
        Begin(records.Owner);
        foreach (Range body in bodies)
        {
            ReadOnlySpan<byte> record = records.Body[body];
            record.CopyTo(Take(record.Length));
        }

        End(bodies.Count);
    }

    /// <summary>Gives back what is reserved and not used.</summary>
    internal void Trim()
    {
        Array.Resize(ref _octets, _used);
        Array.Resize(ref _entries, Count);
    }

    private void Begin(DnsNameView owner)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(4, Count * 2));
        }

        int at = _used;
        owner.Wire.CopyTo(Take(owner.Length));
        _entries[Count] = new Entry(at, owner.Length, _used, 0, 0);
    }

    private void End(int records)
    {
        Entry entry = _entries[Count];
        _entries[Count++] = entry with { BodyLength = _used - entry.Body, Count = records };
        RecordCount += records;
    }

    private Span<byte> Take(int octets)
    {
        if (_used + octets > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(_used + octets, Math.Max(256, _octets.Length * 2)));
        }

        _used += octets;
        return _octets.AsSpan(_used - octets, octets);
    }

    private readonly record struct Entry(int Owner, int OwnerLength, int Body, int BodyLength, int Count);
}
