using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.NameLists;

/// <summary>Collects names for a <see cref="NameStore"/>.</summary>
internal sealed class NameStoreBuilder
{
    private uint[] _places = NameStore.NewPlaces(16);
    private byte[] _octets = new byte[1024];
    private int _end = NameStore.Alignment;

    /// <summary>How many names there are.</summary>
    public int Count { get; private set; }

    /// <summary>Finds a name's number.</summary>
    /// <returns>The number, or -1 when the name is not there.</returns>
    public int Find(ReadOnlySpan<byte> wire)
    {
        int at = NameStore.Locate(_places, _octets, NameStore.ShiftOf(_places), wire, DnsNameHash.Compute(wire));
        return at > 0 ? NameStore.NumberAt(_octets, at) : -1;
    }

    /// <summary>Adds a name with a number, or gives one that is there another number.</summary>
    /// <param name="wire">The name's octets, in lower case.</param>
    /// <param name="number">The number, at most <see cref="NameStore.MaxNumber"/>.</param>
    /// <returns>False when there is no room for more.</returns>
    public bool Set(ReadOnlySpan<byte> wire, int number)
    {
        ulong hash = DnsNameHash.Compute(wire);
        int at = NameStore.Locate(_places, _octets, NameStore.ShiftOf(_places), wire, hash);
        if (at > 0)
        {
            NameStore.SetNumber(_octets, at, number);
            return true;
        }

        int next = NameStore.Next(_end, wire.Length);
        if (next > NameStore.MaxOctets - DnsNameView.MaxLength)
        {
            return false;
        }

        if (next > _octets.Length)
        {
            Array.Resize(ref _octets, _octets.Length * 2);
        }

        NameStore.SetNumber(_octets, _end, number);
        wire.CopyTo(_octets.AsSpan(_end + NameStore.Head));
        NameStore.SetPlace(_places, NameStore.EmptyPlace(_places, NameStore.ShiftOf(_places), hash), NameStore.PlaceOf(_end, hash));
        _end = next;
        Count++;
        if (Count > NameStore.SizeOf(_places) / 8 * 5)
        {
            Grow();
        }

        return true;
    }

    /// <summary>All names so far, in the order in which they were added. Names that are added meanwhile are not among them.</summary>
    public NameStore.Enumerator GetEnumerator() => new(_octets, _end);

    /// <summary>Makes the store. The builder is of no use afterwards.</summary>
    public NameStore Build()
    {
        Array.Resize(ref _octets, _end);
        return new NameStore(_places, _octets, Count);
    }

    private void Grow()
    {
        _places = NameStore.NewPlaces(NameStore.SizeOf(_places) * 2);
        int shift = NameStore.ShiftOf(_places);
        for (int at = NameStore.Alignment; at < _end;)
        {
            ReadOnlySpan<byte> wire = NameStore.WireAt(_octets, at);
            ulong hash = DnsNameHash.Compute(wire);
            NameStore.SetPlace(_places, NameStore.EmptyPlace(_places, shift, hash), NameStore.PlaceOf(at, hash));
            at = NameStore.Next(at, wire.Length);
        }
    }
}
