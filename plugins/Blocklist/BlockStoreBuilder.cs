using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Blocklist;

/// <summary>Collects names for a <see cref="BlockStore"/>.</summary>
internal sealed class BlockStoreBuilder
{
    private readonly Dictionary<ListMarks, ushort> _numbers = [];
    private readonly List<ListMarks> _marks = [];
    private uint[] _places = new uint[16];
    private byte[] _octets = new byte[1024];
    private int _end = BlockStore.Alignment;
    private int _count;

    /// <summary>Adds a name, or what is said of it to one that is there.</summary>
    /// <param name="wire">The name's octets, in lower case; not the root.</param>
    /// <param name="marks">The lists.</param>
    /// <returns>False when there is no room for more.</returns>
    public bool Add(ReadOnlySpan<byte> wire, ListMarks marks)
    {
        ulong hash = DnsNameHash.Compute(wire);
        int at = BlockStore.Locate(_places, _octets, BlockStore.ShiftOf(_places), wire, hash, out int place);
        if (at > 0)
        {
            Span<byte> head = _octets.AsSpan(at);
            ListMarks old = _marks[BinaryPrimitives.ReadUInt16LittleEndian(head)];
            return TryNumber(new ListMarks(old.Exact | marks.Exact, old.Below | marks.Below), out ushort both) && BinaryPrimitives.TryWriteUInt16LittleEndian(head, both);
        }

        int next = BlockStore.Next(_end, wire.Length);
        if (next > BlockStore.MaxOctets - DnsNameView.MaxLength || !TryNumber(marks, out ushort number))
        {
            return false;
        }

        if (next > _octets.Length)
        {
            Array.Resize(ref _octets, _octets.Length * 2);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_octets.AsSpan(_end), number);
        wire.CopyTo(_octets.AsSpan(_end + BlockStore.Head));
        _places[place] = BlockStore.PlaceOf(_end, hash);
        _end = next;
        _count++;
        if (_count > _places.Length / 8 * 5)
        {
            Grow();
        }

        return true;
    }

    /// <summary>Makes the store. The builder is of no use afterwards.</summary>
    public BlockStore Build()
    {
        Array.Resize(ref _octets, _end);
        return new BlockStore(_places, _octets, [.. _marks], _count);
    }

    private bool TryNumber(ListMarks marks, out ushort number)
    {
        if (!_numbers.TryGetValue(marks, out number))
        {
            if (_marks.Count > ushort.MaxValue)
            {
                return false;
            }

            number = (ushort)_marks.Count;
            _marks.Add(marks);
            _numbers.Add(marks, number);
        }

        return true;
    }

    private void Grow()
    {
        _places = new uint[_places.Length * 2];
        int shift = BlockStore.ShiftOf(_places);
        for (int at = BlockStore.Alignment; at < _end;)
        {
            ReadOnlySpan<byte> wire = BlockStore.WireAt(_octets, at);
            ulong hash = DnsNameHash.Compute(wire);
            int place = (int)(hash >> shift);
            while (_places[place] != 0)
            {
                place = (place + 1) & (_places.Length - 1);
            }

            _places[place] = BlockStore.PlaceOf(at, hash);
            at = BlockStore.Next(at, wire.Length);
        }
    }
}
