namespace MiniDns.Plugins.NameLists;

/// <summary>Collects names for a <see cref="ListStore"/>.</summary>
internal sealed class ListStoreBuilder
{
    private readonly NameStoreBuilder _names = new();
    private readonly Dictionary<ListMarks, int> _numbers = [];
    private readonly List<ListMarks> _marks = [];

    /// <summary>Adds a name, or what is said of it to one that is there.</summary>
    /// <param name="wire">The name's octets, in lower case; not the root.</param>
    /// <param name="marks">The lists.</param>
    /// <returns>False when there is no room for more.</returns>
    public bool Add(ReadOnlySpan<byte> wire, ListMarks marks)
    {
        int old = _names.Find(wire);
        if (old >= 0)
        {
            marks = new ListMarks(_marks[old].Exact | marks.Exact, _marks[old].Below | marks.Below);
        }

        if (!_numbers.TryGetValue(marks, out int number))
        {
            number = _marks.Count;
            if (number > NameStore.MaxNumber)
            {
                return false;
            }

            _marks.Add(marks);
            _numbers.Add(marks, number);
        }

        return _names.Set(wire, number);
    }

    /// <summary>Makes the store. The builder is of no use afterwards.</summary>
    public ListStore Build() => new(_names.Build(), [.. _marks]);
}
