namespace MiniDns.Protocol.Records;

/// <summary>The form of one type's rdata. The one table that every codec is driven by.</summary>
public sealed class RdataDescriptor
{
    private static readonly RdataDescriptor Opaque = new(0, 0);
    private static readonly RdataDescriptor[] Common = BuildCommon();

    private RdataDescriptor(int leadingOctets, int compressibleNames)
    {
        LeadingOctets = leadingOctets;
        CompressibleNames = compressibleNames;
    }

    /// <summary>The octets before the first name that may be compressed.</summary>
    public int LeadingOctets { get; }

    /// <summary>How many names, side by side after <see cref="LeadingOctets"/>, may be compressed (RFC 3597 §4).</summary>
    public int CompressibleNames { get; }

    /// <summary>The descriptor of a type; an unknown type is opaque.</summary>
    public static RdataDescriptor For(DnsRecordType type) => (int)type < Common.Length ? Common[(int)type] : Opaque;

    private static RdataDescriptor[] BuildCommon()
    {
        RdataDescriptor[] table = new RdataDescriptor[32];
        Array.Fill(table, Opaque);
        var name = new RdataDescriptor(0, 1);
        foreach (DnsRecordType type in new[] { DnsRecordType.NS, DnsRecordType.CNAME, DnsRecordType.PTR, DnsRecordType.MB, DnsRecordType.MG, DnsRecordType.MR, DnsRecordType.MD, DnsRecordType.MF })
        {
            table[(int)type] = name;
        }

        table[(int)DnsRecordType.SOA] = new RdataDescriptor(0, 2);
        table[(int)DnsRecordType.MINFO] = new RdataDescriptor(0, 2);
        table[(int)DnsRecordType.MX] = new RdataDescriptor(2, 1);
        return table;
    }
}
