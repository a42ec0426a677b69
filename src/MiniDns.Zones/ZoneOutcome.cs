namespace MiniDns.Zones;

/// <summary>What a lookup came to.</summary>
public enum ZoneOutcome
{
    /// <summary>The records asked for; or a chain of aliases that ends in itself or is too long to follow.</summary>
    Answer,

    /// <summary>The name exists, but has no such records (RFC 2308 §2.2).</summary>
    NoData,

    /// <summary>There is no such name (RFC 2308 §2.1).</summary>
    NameError,

    /// <summary>Other servers have the answer: a referral to them (RFC 1034 §4.3.2 step 3b).</summary>
    Delegation,

    /// <summary>Aliases that lead out of the zone; what they lead to is not answered yet.</summary>
    Leaves,

    /// <summary>A DNAME makes a name that is too long (YXDOMAIN, RFC 6672 §2.2).</summary>
    TooLong,
}
