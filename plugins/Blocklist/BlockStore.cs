using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Blocklist;

/// <summary>The names of all lists, each once, with the lists that it is in. Immutable; some 33 octets a name.</summary>
/// <remarks>
/// An open-addressed table of 32-bit places leads to one array that holds everything: of each name two octets that tell its lists,
/// then the name in lower case. A place is a quarter of the offset, and in its upper bits a piece of the name's hash, so that
/// a name that is not there costs one look into the table for each of its labels, and nothing more.
/// </remarks>
internal sealed class BlockStore
{
    /// <summary>The bits of a place that are an offset; the others are of the hash.</summary>
    internal const int OffsetBits = 26;

    /// <summary>What offsets are multiples of.</summary>
    internal const int Alignment = 4;

    /// <summary>The octets before a name.</summary>
    internal const int Head = 2;

    /// <summary>The most octets that all names may take.</summary>
    internal const int MaxOctets = Alignment << OffsetBits;

    private readonly uint[] _places;
    private readonly byte[] _octets;
    private readonly ListMarks[] _marks;
    private readonly int _shift;

    /// <summary>Made by <see cref="BlockStoreBuilder"/>.</summary>
    internal BlockStore(uint[] places, byte[] octets, ListMarks[] marks, int count)
    {
        _places = places;
        _octets = octets;
        _marks = marks;
        _shift = ShiftOf(places);
        Count = count;
    }

    /// <summary>A store without names.</summary>
    public static BlockStore Empty { get; } = new BlockStoreBuilder().Build();

    /// <summary>How many names there are.</summary>
    public int Count { get; }

    /// <summary>The memory taken, in octets.</summary>
    public long Octets => ((long)_places.Length * sizeof(uint)) + _octets.Length + ((long)_marks.Length * 2 * sizeof(uint));

    /// <summary>Finds the lists that a name is in, by itself or below another name.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <returns>A bit for each list; see <see cref="ListMarks"/>.</returns>
    public uint Find(DnsNameView name, ulong hash)
    {
        uint found = 0;
        ReadOnlySpan<byte> wire = name.Wire;
        bool isWhole = true;
        while (wire.Length > 1)
        {
            int at = Locate(_places, _octets, _shift, wire, hash, out _);
            if (at > 0)
            {
                ListMarks marks = _marks[BinaryPrimitives.ReadUInt16LittleEndian(_octets.AsSpan(at))];
                found |= isWhole ? marks.Exact : marks.Below;
            }

            wire = wire[(wire[0] + 1)..];
            hash = DnsNameHash.Compute(wire);
            isWhole = false;
        }

        return found;
    }

    /// <summary>Adds what some lists hold to a builder.</summary>
    /// <param name="builder">Takes the names.</param>
    /// <param name="lists">The lists' bits.</param>
    public void CopyTo(BlockStoreBuilder builder, uint lists)
    {
        for (int at = Alignment; at < _octets.Length;)
        {
            ListMarks marks = _marks[BinaryPrimitives.ReadUInt16LittleEndian(_octets.AsSpan(at))];
            ReadOnlySpan<byte> wire = WireAt(_octets, at);
            if (((marks.Exact | marks.Below) & lists) != 0)
            {
                builder.Add(wire, new ListMarks(marks.Exact & lists, marks.Below & lists));
            }

            at = Next(at, wire.Length);
        }
    }

    /// <summary>The offset of the entry after one.</summary>
    internal static int Next(int at, int wireLength) => (at + Head + wireLength + Alignment - 1) & -Alignment;

    /// <summary>How far a hash is shifted to make a place in a table.</summary>
    internal static int ShiftOf(uint[] places) => 64 - System.Numerics.BitOperations.Log2((uint)places.Length);

    /// <summary>What a place holds for an entry.</summary>
    internal static uint PlaceOf(int at, ulong hash) => ((uint)hash << OffsetBits) | ((uint)at / Alignment);

    /// <summary>Looks for a name.</summary>
    /// <returns>The entry's offset, or 0; then <paramref name="place"/> is where it would go.</returns>
    internal static int Locate(uint[] places, byte[] octets, int shift, ReadOnlySpan<byte> wire, ulong hash, out int place)
    {
        uint tag = (uint)hash << OffsetBits;
        place = (int)(hash >> shift);
        for (uint found = places[place]; found != 0; found = places[place])
        {
            if ((found & ~((1u << OffsetBits) - 1)) == tag)
            {
                int at = (int)((found & ((1u << OffsetBits) - 1)) * Alignment);
                if (octets.AsSpan(at + Head).StartsWith(wire))
                {
                    return at;
                }
            }

            place = (place + 1) & (places.Length - 1);
        }

        return 0;
    }

    /// <summary>The name of an entry.</summary>
    internal static ReadOnlySpan<byte> WireAt(byte[] octets, int at)
    {
        int end = at + Head;
        while (octets[end] != 0)
        {
            end += octets[end] + 1;
        }

        return octets.AsSpan(at + Head, end + 1 - at - Head);
    }
}
