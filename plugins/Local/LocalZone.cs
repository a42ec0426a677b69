using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Local;

/// <summary>One of the zones that <c>local</c> answers for, with the records of its apex.</summary>
internal sealed class LocalZone
{
    /// <summary>How long an answer may be kept, in seconds: a week.</summary>
    public const uint Ttl = 604800;

    private readonly RRset[] _records;

    /// <summary>Makes a zone.</summary>
    /// <param name="name">The apex.</param>
    /// <param name="addresses">A and AAAA of the apex, in this order; none for a zone without.</param>
    public LocalZone(string name, params ReadOnlySpan<RRset> addresses)
    {
        Name = DnsName.Parse(name);
        AddressCount = addresses.Length;
        Soa = new RRset(Name, DnsRecordType.SOA, DnsRecordClass.IN, Ttl, [SoaRdata()]);
        _records = [.. addresses, Soa, new RRset(Name, DnsRecordType.NS, DnsRecordClass.IN, Ttl, [DnsName.Parse("localhost.").Wire.ToArray()])];
    }

    /// <summary>The apex.</summary>
    public DnsName Name { get; }

    /// <summary>The apex's SOA record.</summary>
    public RRset Soa { get; }

    private int AddressCount { get; }

    /// <summary>The records of a type.</summary>
    /// <param name="type">The type; for ANY, one of the RRsets (RFC 8482 §4.1).</param>
    /// <param name="withApex">False to look among the addresses only.</param>
    public RRset? Find(DnsRecordType type, bool withApex)
    {
        foreach (RRset records in _records.AsSpan(0, withApex ? _records.Length : AddressCount))
        {
            if (records.Type == type || type == DnsRecordType.ANY)
            {
                return records;
            }
        }

        return null;
    }

    /// <summary>localhost. root.localhost. 1 0 0 0 604800.</summary>
    private static byte[] SoaRdata() =>
    [
        .. DnsName.Parse("localhost.").Wire, .. DnsName.Parse("root.localhost.").Wire,
        0, 0, 0, 1,
        0, 0, 0, 0,
        0, 0, 0, 0,
        0, 0, 0, 0,
        (byte)(Ttl >> 24), (byte)(Ttl >> 16), unchecked((byte)(Ttl >> 8)), unchecked((byte)Ttl),
    ];
}
