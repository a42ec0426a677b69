using System.Numerics;
using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>The names of a zone that is being built, found by a hash table that becomes the zone's own.</summary>
internal sealed class NameIndex
{
    private NameEntry[] _entries;
    private byte[] _octets;
    private int _used;
    private Pages<ulong> _slots;             // 0 = free; else tag << 32 | id
    private int _mask;

    public NameIndex(int expectedNames)
    {
        int capacity = Math.Max(4, expectedNames);
        _entries = new NameEntry[capacity];
        _octets = new byte[Math.Max(64, (int)Math.Min((long)capacity * 24, Array.MaxLength))];
        _slots = Pages<ulong>.Make(SlotsFor(capacity));
        _mask = _slots.Count - 1;
    }

    /// <summary>How many names there are.</summary>
    public int Count { get; private set; }

    /// <summary>The most labels that a name has.</summary>
    public int MaxDepth { get; private set; }

    /// <summary>What is collected for a name.</summary>
    public ref NameEntry this[int id] => ref _entries[id];

    /// <summary>The name of an id.</summary>
    public DnsNameView NameAt(int id)
    {
        int at = _entries[id].NameAt;
        return new DnsNameView(_octets.AsSpan(at + 1, _octets[at]));
    }

    /// <summary>Notes more about a name.</summary>
    public void AddTraits(int id, NodeTraits traits) => _entries[id].Traits |= traits;

    /// <summary>The id of a name, or -1.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="hashed"><see cref="NodeTraits.Hashed"/> for a name of the NSEC3 chain, which may be an ordinary one as well.</param>
    public int Find(DnsNameView name, ulong hash, NodeTraits hashed = NodeTraits.None)
    {
        uint tag = Zone.TagOf(hash);
        for (int slot = (int)hash & _mask; ; slot = (slot + 1) & _mask)
        {
            ulong found = _slots[slot];
            if (found == 0)
            {
                return -1;
            }

            if ((uint)(found >> 32) == tag && (_entries[(int)found].Traits & NodeTraits.Hashed) == hashed && NameAt((int)found).Equals(name))
            {
                return (int)found;
            }
        }
    }

    /// <summary>Adds a name that is not there yet.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="parent">The id of the name above; -1 when it has no place in the tree.</param>
    /// <param name="traits">What is known of it.</param>
    public int Add(DnsNameView name, ulong hash, int parent, NodeTraits traits)
    {
        int id = Append(name);
        _entries[id].Parent = parent;
        _entries[id].Traits = traits;
        if (parent >= 0)
        {
            _entries[parent].Children++;
            MaxDepth = Math.Max(MaxDepth, name.LabelCount);
        }
        else if (traits == NodeTraits.Apex)
        {
            MaxDepth = name.LabelCount;
        }

        if (Count > _slots.Count * 2 / 3)
        {
            Rebuild(_slots.Count * 2);
        }
        else
        {
            Insert(id, hash);
        }

        return id;
    }

    /// <summary>Hands the table over, with references to blocks in the place of ids.</summary>
    public Pages<ulong> TakeSlots(Pages<uint> references)
    {
        if (SlotsFor(Count) < _slots.Count)
        {
            Rebuild(SlotsFor(Count));
        }

        Pages<ulong> slots = _slots;
        for (int i = 0; i < slots.Count; i++)
        {
            ref ulong slot = ref slots.At(i);
            if (slot != 0)
            {
                slot = (slot & 0xFFFF_FFFF_0000_0000) | references[(int)slot];
            }
        }

        _slots = default;
        return slots;
    }

    /// <summary>The size of a table for so many names.</summary>
    internal static int SlotsFor(int names) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, (names * 3L / 2) + 1));

    private int Append(DnsNameView name)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
        }

        int length = name.Length;
        if (_used + length + 1 > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(_octets.Length * 2, _used + 256));
        }

        int id = Count++;
        _entries[id] = new NameEntry { NameAt = _used, Parent = -1, FirstRecord = -1, Wildcard = -1, Link = -1 };
        _octets[_used] = (byte)length;
        name.Wire.CopyTo(_octets.AsSpan(_used + 1));
        _used += length + 1;
        return id;
    }

    private void Insert(int id, ulong hash)
    {
        int slot = (int)hash & _mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & _mask;
        }

        _slots.At(slot) = ((ulong)Zone.TagOf(hash) << 32) | (uint)id;
    }

    private void Rebuild(int capacity)
    {
        _slots = Pages<ulong>.Make(capacity);
        _mask = capacity - 1;
        for (int i = 0; i < Count; i++)
        {
            Insert(i, NameAt(i).Hash);
        }
    }
}
