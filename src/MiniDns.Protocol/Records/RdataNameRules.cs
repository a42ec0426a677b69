namespace MiniDns.Protocol.Records;

/// <summary>What may be done to a name inside rdata.</summary>
[Flags]
public enum RdataNameRules : byte
{
    /// <summary>The name is never compressed and its case is kept.</summary>
    None = 0,

    /// <summary>The name may be compressed when written (the types of RFC 1035; RFC 3597 §4).</summary>
    Compress = 1,

    /// <summary>The name may arrive compressed (also the types that RFC 3597 §4 asks to be lenient with).</summary>
    Expand = 2,

    /// <summary>The canonical form lower-cases the name (RFC 4034 §6.2, RFC 6840 §5.1).</summary>
    Lower = 4,
}
