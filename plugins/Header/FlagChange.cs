namespace MiniDns.Plugins.Header;

/// <summary>A change to header flags: the sum of rules, of which a later one outdoes an earlier one.</summary>
/// <param name="Kept">The bits that stay as they are.</param>
/// <param name="Added">The bits that are set after that.</param>
internal readonly record struct FlagChange(ushort Kept, ushort Added)
{
    /// <summary>No change.</summary>
    public static FlagChange None => new(ushort.MaxValue, 0);

    /// <summary>This change, then setting a flag.</summary>
    public FlagChange Set(ushort flag) => this with { Added = (ushort)(Added | flag) };

    /// <summary>This change, then clearing a flag.</summary>
    public FlagChange Clear(ushort flag) => new((ushort)(Kept & ~flag), (ushort)(Added & ~flag));

    /// <summary>Applies the change.</summary>
    public ushort Apply(ushort flags) => (ushort)((flags & Kept) | Added);
}
