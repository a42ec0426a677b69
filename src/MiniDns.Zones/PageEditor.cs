namespace MiniDns.Zones;

/// <summary>Makes another version of <see cref="Pages{T}"/>: copies a page when something in it is changed for the first time.</summary>
/// <typeparam name="T">What is in it.</typeparam>
/// <param name="before">The version before.</param>
internal sealed class PageEditor<T>(Pages<T> before)
    where T : unmanaged
{
    private readonly HashSet<int> _copied = [];
    private T[][] _pages = [.. before.Table];

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; } = before.Count;

    /// <summary>The item at an index.</summary>
    public T this[int index]
    {
        get => _pages[index >> Pages<T>.PageBits][index & (Pages<T>.PageSize - 1)];
        set
        {
            int page = index >> Pages<T>.PageBits;
            if (_copied.Add(page))
            {
                _pages[page] = [.. _pages[page]];
            }

            _pages[page][index & (Pages<T>.PageSize - 1)] = value;
        }
    }

    /// <summary>Makes room for more items at the end, which are zero.</summary>
    public void Grow(int count)
    {
        int pages = (count + Pages<T>.PageSize - 1) >> Pages<T>.PageBits;
        int last = _pages.Length - 1;
        Array.Resize(ref _pages, Math.Max(pages, _pages.Length));
        for (int page = last; page < pages; page++)
        {
            int size = Math.Min(Pages<T>.PageSize, count - (page << Pages<T>.PageBits));
            if (_pages[page] is not { } old || old.Length < size)
            {
                Array.Resize(ref _pages[page], size);
                _copied.Add(page);
            }
        }

        Count = Math.Max(Count, count);
    }

    /// <summary>The version.</summary>
    public Pages<T> ToPages() => new(_pages, Count);
}
