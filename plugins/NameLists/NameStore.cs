using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.NameLists;

/// <summary>Names, each with a number. Immutable; some 33 octets a name.</summary>
/// <remarks>
/// An open-addressed table of 32-bit places leads to one array that holds everything: of each name three octets that are its number,
/// then the name in lower case. A place is a quarter of the offset, and in its upper bits a piece of the name's hash, so that
/// a name that is not there costs one look into the table, and nothing more. A look is at eight places together: nothing then depends on how
/// far a name lies from where its hash leads, which no processor can guess. The table's first places stand again behind its end.
/// </remarks>
internal sealed class NameStore
{
    /// <summary>The largest number.</summary>
    public const int MaxNumber = (1 << 24) - 1;

    /// <summary>The bits of a place that are an offset; the others are of the hash.</summary>
    internal const int OffsetBits = 26;

    /// <summary>What offsets are multiples of.</summary>
    internal const int Alignment = 4;

    /// <summary>The octets before a name.</summary>
    internal const int Head = 3;

    /// <summary>The most octets that all names may take.</summary>
    internal const int MaxOctets = Alignment << OffsetBits;

    private const uint OffsetMask = (1u << OffsetBits) - 1;

    private readonly uint[] _places;
    private readonly byte[] _octets;
    private readonly int _shift;

    /// <summary>Made by <see cref="NameStoreBuilder"/>.</summary>
    internal NameStore(uint[] places, byte[] octets, int count)
    {
        _places = places;
        _octets = octets;
        _shift = ShiftOf(places);
        Count = count;
    }

    /// <summary>How many names there are.</summary>
    public int Count { get; }

    /// <summary>The memory taken, in octets.</summary>
    public long Octets => ((long)_places.Length * sizeof(uint)) + _octets.Length;

    /// <summary>Finds a name's number.</summary>
    /// <param name="wire">The name's octets, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <returns>The number, or -1 when the name is not there.</returns>
    public int Find(ReadOnlySpan<byte> wire, ulong hash)
    {
        int at = Locate(_places, _octets, _shift, wire, hash);
        return at > 0 ? NumberAt(_octets, at) : -1;
    }

    /// <summary>All names, in the order in which they were added.</summary>
    public Enumerator GetEnumerator() => new(_octets, _octets.Length);

    /// <summary>The offset of the entry after one.</summary>
    internal static int Next(int at, int wireLength) => (at + Head + wireLength + Alignment - 1) & -Alignment;

    /// <summary>How far a hash is shifted to make a place in a table.</summary>
    internal static int ShiftOf(uint[] places) => 64 - BitOperations.Log2((uint)places.Length);

    /// <summary>Makes a table.</summary>
    /// <param name="size">How many places it has, a power of two and at least 16.</param>
    internal static uint[] NewPlaces(int size) => new uint[size + Vector256<uint>.Count];

    /// <summary>How many places a table has.</summary>
    internal static int SizeOf(uint[] places) => places.Length - Vector256<uint>.Count;

    /// <summary>Fills a place.</summary>
    internal static void SetPlace(uint[] places, int place, uint value)
    {
        places[place] = value;
        if (place < Vector256<uint>.Count)
        {
            places[SizeOf(places) + place] = value;
        }
    }

    /// <summary>The first empty place from a hash on.</summary>
    internal static int EmptyPlace(uint[] places, int shift, ulong hash)
    {
        int place = (int)(hash >> shift);
        while (places[place] != 0)
        {
            place = (place + 1) & (SizeOf(places) - 1);
        }

        return place;
    }

    /// <summary>What a place holds for an entry.</summary>
    internal static uint PlaceOf(int at, ulong hash) => ((uint)hash << OffsetBits) | ((uint)at / Alignment);

    /// <summary>Looks for a name.</summary>
    /// <returns>The entry's offset, or 0.</returns>
    internal static int Locate(uint[] places, byte[] octets, int shift, ReadOnlySpan<byte> wire, ulong hash)
    {
        Vector256<uint> tag = Vector256.Create((uint)hash << OffsetBits);
        Vector256<uint> tagMask = Vector256.Create(~OffsetMask);
        ref uint first = ref MemoryMarshal.GetArrayDataReference(places);
        int mask = SizeOf(places) - 1;
        for (int place = (int)(hash >> shift); ; place = (place + Vector256<uint>.Count) & mask)
        {
            var found = Vector256.LoadUnsafe(ref first, (nuint)place);
            uint empty = Vector256.Equals(found, Vector256<uint>.Zero).ExtractMostSignificantBits();
            uint candidates = Vector256.Equals(found & tagMask, tag).ExtractMostSignificantBits();

            // Only those in front of the first empty place; an empty one has the tag of zero.
            candidates &= empty ^ (empty - 1);
            candidates &= ~empty;
            for (; candidates != 0; candidates &= candidates - 1)
            {
                int at = (int)((places[place + BitOperations.TrailingZeroCount(candidates)] & OffsetMask) * Alignment);
                if (octets.AsSpan(at + Head).StartsWith(wire))
                {
                    return at;
                }
            }

            if (empty != 0)
            {
                return 0;
            }
        }
    }

    /// <summary>The number of an entry.</summary>
    internal static int NumberAt(byte[] octets, int at) => octets[at] | (octets[at + 1] << 8) | (octets[at + 2] << 16);

    /// <summary>Sets the number of an entry.</summary>
    internal static void SetNumber(byte[] octets, int at, int number)
    {
        octets[at] = (byte)number;
        octets[at + 1] = (byte)(number >> 8);
        octets[at + 2] = (byte)(number >> 16);
    }

    /// <summary>The name of an entry.</summary>
    internal static ReadOnlySpan<byte> WireAt(byte[] octets, int at)
    {
        DnsNameView.TryRead(octets.AsSpan(at + Head), out DnsNameView name);
        return name.Wire;
    }

    /// <summary>Goes through all names.</summary>
    internal ref struct Enumerator(byte[] octets, int end)
    {
        private int _at;
        private int _next = Alignment;

        /// <summary>The present name and its number.</summary>
        public readonly Entry Current => new(WireAt(octets, _at), NumberAt(octets, _at));

        /// <summary>Goes to the next name.</summary>
        public bool MoveNext()
        {
            _at = _next;
            if (_at >= end)
            {
                return false;
            }

            _next = Next(_at, WireAt(octets, _at).Length);
            return true;
        }
    }

    /// <summary>A name and its number.</summary>
    internal readonly ref struct Entry(ReadOnlySpan<byte> wire, int number)
    {
        /// <summary>The name's octets, in lower case.</summary>
        public ReadOnlySpan<byte> Wire { get; } = wire;

        /// <summary>Its number.</summary>
        public int Number { get; } = number;
    }
}
