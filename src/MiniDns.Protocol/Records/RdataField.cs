namespace MiniDns.Protocol.Records;

/// <summary>One field of a type's rdata.</summary>
/// <param name="Kind">The field's form.</param>
/// <param name="NameRules">For a name, what may be done to it.</param>
/// <param name="MinLength">For a field that runs to the end of the rdata, the fewest octets it may have.</param>
public readonly record struct RdataField(RdataFieldKind Kind, RdataNameRules NameRules = RdataNameRules.None, byte MinLength = 0)
{
    /// <summary>True for a name that may be compressed when written.</summary>
    public bool IsCompressible => (NameRules & RdataNameRules.Compress) != 0;

    /// <summary>True for a name that may arrive compressed.</summary>
    public bool IsExpandable => (NameRules & RdataNameRules.Expand) != 0;

    /// <summary>True for a field with a name that the canonical form lower-cases.</summary>
    public bool IsLowered => (NameRules & RdataNameRules.Lower) != 0;

    /// <summary>The field's length in octets when every value has the same, else -1.</summary>
    public int FixedLength => Kind switch
    {
        RdataFieldKind.UInt8 or RdataFieldKind.Algorithm or RdataFieldKind.AlgorithmMnemonic or RdataFieldKind.DsyncScheme => 1,
        RdataFieldKind.UInt16 or RdataFieldKind.RecordType or RdataFieldKind.CertificateType or RdataFieldKind.TransactionError => 2,
        RdataFieldKind.UInt32 or RdataFieldKind.Seconds or RdataFieldKind.Timestamp or RdataFieldKind.IPv4 => 4,
        RdataFieldKind.UInt48 or RdataFieldKind.Eui48 => 6,
        RdataFieldKind.Eui64 or RdataFieldKind.NodeId => 8,
        RdataFieldKind.IPv6 or RdataFieldKind.Location => 16,
        _ => -1,
    };
}
