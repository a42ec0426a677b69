namespace MiniDns.Plugins.Cache;

/// <summary>How much is kept and for how long.</summary>
/// <param name="Capacity">The most entries.</param>
/// <param name="MaxTtl">The most seconds.</param>
/// <param name="MinTtl">The least seconds, unless that is more than the most.</param>
internal sealed record CacheLimits(int Capacity, uint MaxTtl, uint MinTtl)
{
    /// <summary>The entries when the directive does not say.</summary>
    public const int DefaultCapacity = 9984;

    /// <summary>The fewest entries that a cache holds.</summary>
    public const int LeastCapacity = 1024;

    /// <summary>The octets of memory allowed for each entry of the capacity; an entry may take more, at the cost of others.</summary>
    public const int OctetsPerEntry = 1024;

    /// <summary>The most octets of memory.</summary>
    public long OctetLimit => (long)Capacity * OctetsPerEntry;

    /// <summary>Brings a number of seconds within the limits.</summary>
    public uint Clamp(uint seconds) => Math.Min(Math.Max(seconds, MinTtl), MaxTtl);
}
