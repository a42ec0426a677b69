namespace MiniDns.Plugins.Search;

/// <summary>Where a search stands.</summary>
internal struct SearchProgress
{
    /// <summary>Starts with the first domain.</summary>
    public SearchProgress()
    {
    }

    /// <summary>The domain being tried.</summary>
    public int Domain { get; private set; }

    /// <summary>Which of the types that tell whether a name exists comes next.</summary>
    public int Probe { get; private set; }

    /// <summary>The alias's longest TTL, in seconds: as long as the denials of the domains before hold.</summary>
    public uint TtlLimit { get; private set; } = uint.MaxValue;

    /// <summary>Notes for how long something that the search rests on may be kept, in seconds.</summary>
    public void LimitTtl(uint ttl) => TtlLimit = Math.Min(TtlLimit, ttl);

    /// <summary>Goes on to the next type.</summary>
    public void NextProbe() => Probe++;

    /// <summary>Goes on to the next domain.</summary>
    public void NextDomain()
    {
        Domain++;
        Probe = 0;
    }
}
