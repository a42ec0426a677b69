namespace MiniDns.Zones;

/// <summary>What a builder has collected for a name.</summary>
internal struct NameEntry
{
    /// <summary>Where the name's octets start.</summary>
    public int NameAt;

    /// <summary>The id of the name above; -1 for the apex and for names that are not in the tree.</summary>
    public int Parent;

    /// <summary>The first record, or -1.</summary>
    public int FirstRecord;

    /// <summary>The last record.</summary>
    public int LastRecord;

    /// <summary>The id of the child <c>*</c>, or -1.</summary>
    public int Wildcard;

    /// <summary>How many names are directly below.</summary>
    public int Children;

    /// <summary>The id of the name that hides this one, or -1.</summary>
    public int Link;

    /// <summary>What is known of it.</summary>
    public NodeTraits Traits;
}
