namespace MiniDns.Zones;

/// <summary>What is known of a node beforehand, so that a query need not find it out.</summary>
[Flags]
internal enum NodeTraits : ushort
{
    None = 0,

    /// <summary>Below a zone cut or a DNAME: what it holds is not the zone's to answer with. Its link leads to the node above that hides it.</summary>
    Hidden = 1,

    /// <summary>Has NS and is not the apex: authority ends here (RFC 1034 §4.2.1).</summary>
    Cut = 2,

    /// <summary>Has DNAME: names below it are redirected (RFC 6672).</summary>
    Dname = 4,

    /// <summary>Has CNAME.</summary>
    Cname = 8,

    /// <summary>Has no records of its own: an empty non-terminal (RFC 4592 §2.2.2).</summary>
    Empty = 16,

    /// <summary>The zone's own name.</summary>
    Apex = 32,

    /// <summary>Belongs to the NSEC3 chain, whose owner names no query can ask for (RFC 5155 §7.2.8).</summary>
    Hashed = 64,

    /// <summary>Has NSEC.</summary>
    Nsec = 128,

    /// <summary>Is not in the zone: kept because RRsets have it for a target, or because it was there in an earlier version. It has no
    /// records, and no query finds it; when the name comes (back), it is this node.</summary>
    Phantom = 256,

    /// <summary>There are names below it; how many stands in front of its block.</summary>
    Parent = 512,
}
