using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.NameLists;

/// <summary>The names of all lists, each once, with the lists that it is in. Immutable; some 33 octets a name.</summary>
internal sealed class ListStore
{
    private readonly NameStore _names;
    private readonly ListMarks[] _marks;
    private readonly uint _every;

    /// <summary>Made by <see cref="ListStoreBuilder"/>.</summary>
    internal ListStore(NameStore names, ListMarks[] marks)
    {
        _names = names;
        _marks = marks;
        foreach (ListMarks each in marks)
        {
            _every |= each.Exact | each.Below;
        }
    }

    /// <summary>A store without names.</summary>
    public static ListStore Empty { get; } = new ListStoreBuilder().Build();

    /// <summary>How many names there are.</summary>
    public int Count => _names.Count;

    /// <summary>The memory taken, in octets.</summary>
    public long Octets => _names.Octets + ((long)_marks.Length * 2 * sizeof(uint));

    /// <summary>Finds the lists that a name is in, by itself or below another name.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <returns>A bit for each list; see <see cref="ListMarks"/>.</returns>
    public uint Find(DnsNameView name, ulong hash)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        int number = _names.Find(wire, hash);
        uint found = number < 0 ? 0 : _marks[number].Exact;

        // Once it is in all lists that there are, and often that is one, the names above it have nothing to add.
        for (wire = Above(wire); found != _every && wire.Length > 1; wire = Above(wire))
        {
            number = _names.Find(wire, DnsNameHash.Compute(wire));
            found |= number < 0 ? 0 : _marks[number].Below;
        }

        return found;
    }

    /// <summary>Adds what some lists hold to a builder.</summary>
    /// <param name="builder">Takes the names.</param>
    /// <param name="lists">The lists' bits.</param>
    public void CopyTo(ListStoreBuilder builder, uint lists)
    {
        foreach (NameStore.Entry entry in _names)
        {
            ListMarks marks = _marks[entry.Number];
            if (((marks.Exact | marks.Below) & lists) != 0)
            {
                builder.Add(entry.Wire, new ListMarks(marks.Exact & lists, marks.Below & lists));
            }
        }
    }

    private static ReadOnlySpan<byte> Above(ReadOnlySpan<byte> wire) => wire[(wire[0] + 1)..];
}
