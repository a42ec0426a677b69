using System.Runtime.CompilerServices;

namespace MiniDns.Zones;

/// <summary>An array in pages, so that another version of it can share those in which nothing is different. Immutable.</summary>
/// <typeparam name="T">What is in it.</typeparam>
internal readonly struct Pages<T>
    where T : unmanaged
{
    /// <summary>The items of a page, as a power of two. A change copies one page, a version the table of pages: about the same for a million names.</summary>
    internal const int PageBits = 9;

    internal const int PageSize = 1 << PageBits;

    private readonly T[][] _pages;

    internal Pages(T[][] pages, int count)
    {
        _pages = pages;
        Count = count;
    }

    /// <summary>How many items there are.</summary>
    public int Count { get; }

    /// <summary>What it takes in memory, in octets.</summary>
    public long Footprint => (long)Count * Unsafe.SizeOf<T>();

    internal T[][] Table => _pages;

    /// <summary>The item at an index.</summary>
    public T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _pages[index >> PageBits][index & (PageSize - 1)];
    }

    /// <summary>Makes an array of zeros.</summary>
    public static Pages<T> Make(int count)
    {
        T[][] pages = new T[(count + PageSize - 1) >> PageBits][];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = new T[Math.Min(PageSize, count - (i << PageBits))];
        }

        return new Pages<T>(pages, count);
    }

    /// <summary>The place of an item: for the one who makes the array, while nobody else has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At(int index) => ref _pages[index >> PageBits][index & (PageSize - 1)];

    /// <summary>Begins another version.</summary>
    public PageEditor<T> Edit() => new(this);
}
