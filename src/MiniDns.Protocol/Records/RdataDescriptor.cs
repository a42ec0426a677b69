namespace MiniDns.Protocol.Records;

/// <summary>The form of one type's rdata. The one table that every codec is driven by.</summary>
public sealed class RdataDescriptor
{
    private readonly RdataField[] _fields;

    internal RdataDescriptor(string? mnemonic, params RdataField[] fields)
    {
        Mnemonic = mnemonic;
        _fields = fields;
        bool leading = true;
        foreach (RdataField field in fields)
        {
            HasExpandableNames |= field.IsExpandable;
            HasLowerNames |= field.IsLowered;
            if (field.IsCompressible)
            {
                CompressibleNames++;
                leading = false;
            }
            else if (leading)
            {
                LeadingOctets += Math.Max(field.FixedLength, 0);
            }
        }

        if (CompressibleNames == 0)
        {
            LeadingOctets = 0;
        }
    }

    /// <summary>The type's mnemonic; null for a type that is not in the table.</summary>
    public string? Mnemonic { get; }

    /// <summary>The fields, in wire order.</summary>
    public ReadOnlySpan<RdataField> Fields => _fields;

    /// <summary>The octets before the first name that may be compressed.</summary>
    public int LeadingOctets { get; }

    /// <summary>How many names, side by side after <see cref="LeadingOctets"/>, may be compressed (RFC 3597 §4).</summary>
    public int CompressibleNames { get; }

    /// <summary>True when some name may arrive compressed.</summary>
    public bool HasExpandableNames { get; }

    /// <summary>True when the canonical form lower-cases some name.</summary>
    public bool HasLowerNames { get; }

    /// <summary>True when nothing is known about the form, and the rdata is only ever written as <c>\#</c>.</summary>
    public bool IsOpaque => _fields[0].Kind is RdataFieldKind.Opaque;

    /// <summary>The descriptor of a type; an unknown type is opaque.</summary>
    public static RdataDescriptor For(DnsRecordType type) => RdataTable.For(type);
}
