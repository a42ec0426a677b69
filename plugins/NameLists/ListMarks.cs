namespace MiniDns.Plugins.NameLists;

/// <summary>The lists that say something of a name: for each list a bit that blocks, and above it one that allows.</summary>
/// <param name="Exact">Those that speak of the name itself.</param>
/// <param name="Below">Those that speak of the names below it.</param>
internal readonly record struct ListMarks(uint Exact, uint Below)
{
    /// <summary>How many lists there can be.</summary>
    public const int MaxLists = 16;

    /// <summary>The bit of a list that blocks.</summary>
    public static uint BlockBit(int list) => 1u << (2 * list);

    /// <summary>The bit of a list that allows.</summary>
    public static uint AllowBit(int list) => 2u << (2 * list);
}
