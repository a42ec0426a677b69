using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace MiniDns.Protocol.Names;

/// <summary>An immutable table from names to values, looked up by the octets of a name without allocating.</summary>
/// <remarks>
/// Open addressing over one array of hashes, with the names' octets side by side in one block: a few dozen octets a name,
/// one cache miss for a miss and two for a hit. Names match without regard to ASCII case.
/// </remarks>
/// <typeparam name="TValue">What is stored.</typeparam>
public sealed class DnsNameTable<TValue>
{
    private readonly uint[] _tags;       // 0 = free; else the upper half of the hash, lowest bit set
    private readonly int[] _slots;       // index of the entry
    private readonly int[] _starts;      // where entry i's name starts in _octets; one more than there are entries
    private readonly byte[] _octets;
    private readonly TValue[] _values;
    private readonly int _mask;
    private readonly UInt128 _depths;    // bit n: some name has n labels

    /// <summary>Builds a table; of two entries with the same name the later one wins.</summary>
    public DnsNameTable(IReadOnlyCollection<KeyValuePair<DnsName, TValue>> entries)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, entries.Count * 3 / 2));
        _mask = capacity - 1;
        _tags = new uint[capacity];
        _slots = new int[capacity];
        _values = new TValue[entries.Count];
        _starts = new int[entries.Count + 1];
        byte[] octets = new byte[entries.Sum(e => e.Key.Length)];
        int used = 0;
        foreach ((DnsName name, TValue value) in entries)
        {
            uint tag = TagOf(name.Hash);
            int slot = (int)name.Hash & _mask;
            int index = -1;
            for (; _tags[slot] != 0; slot = (slot + 1) & _mask)
            {
                int candidate = _slots[slot];
                if (_tags[slot] == tag && DnsNameView.EqualsIgnoringCase(octets.AsSpan(_starts[candidate].._starts[candidate + 1]), name.Wire))
                {
                    index = candidate;
                    break;
                }
            }

            if (index < 0)
            {
                index = Count++;
                name.Wire.CopyTo(octets.AsSpan(used));
                used += name.Length;
                _starts[index + 1] = used;
                _tags[slot] = tag;
                _slots[slot] = index;
                _depths |= UInt128.One << name.LabelCount;
            }

            _values[index] = value;
        }

        _octets = used == octets.Length ? octets : octets[..used];
    }

    /// <summary>An empty table.</summary>
    public static DnsNameTable<TValue> Empty { get; } = new([]);

    /// <summary>How many names the table holds.</summary>
    public int Count { get; }

    /// <summary>The values, in no order that means anything.</summary>
    public ReadOnlySpan<TValue> Values => _values.AsSpan(0, Count);

    /// <summary>Looks a name up.</summary>
    public bool TryGet(DnsNameView name, [MaybeNullWhen(false)] out TValue value) => TryGet(name, name.Hash, out value);

    /// <summary>Looks a name up whose hash is known.</summary>
    public bool TryGet(DnsNameView name, ulong hash, [MaybeNullWhen(false)] out TValue value)
    {
        uint tag = TagOf(hash);
        for (int slot = (int)hash & _mask; _tags[slot] != 0; slot = (slot + 1) & _mask)
        {
            if (_tags[slot] == tag)
            {
                int index = _slots[slot];
                if (DnsNameView.EqualsIgnoringCase(_octets.AsSpan(_starts[index], _starts[index + 1] - _starts[index]), name.Wire))
                {
                    value = _values[index];
                    return true;
                }
            }
        }

        value = default;
        return false;
    }

    /// <summary>Finds the longest suffix of a name that the table holds, the whole name included.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The suffix's value.</param>
    /// <param name="labels">How many labels the suffix has.</param>
    public bool TryGetLongestSuffix(DnsNameView name, [MaybeNullWhen(false)] out TValue value, out int labels)
    {
        labels = name.LabelCount;
        for (DnsNameView suffix = name; ; suffix = suffix.Parent, labels--)
        {
            if ((_depths >> labels & 1) != 0 && TryGet(suffix, suffix.Hash, out value))
            {
                return true;
            }

            if (labels == 0)
            {
                value = default;
                return false;
            }
        }
    }

    private static uint TagOf(ulong hash) => (uint)(hash >> 32) | 1;
}
