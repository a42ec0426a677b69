using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>One RRset of a response, by reference, or one record in the response's own memory.</summary>
public readonly struct ResponseEntry
{
    internal ResponseEntry(DnsSection section, RRset? records, DnsRecordType type, DnsRecordClass @class, uint ttl, int owner, int ownerLength, int rdata, int rdataLength)
    {
        Section = section;
        Records = records;
        Type = type;
        Class = @class;
        Ttl = ttl;
        OwnerAt = owner;
        OwnerLength = ownerLength;
        RdataAt = rdata;
        RdataLength = rdataLength;
    }

    /// <summary>Where it goes.</summary>
    public DnsSection Section { get; }

    /// <summary>The RRset; null for a single record, whose rdata the response holds.</summary>
    public RRset? Records { get; }

    /// <summary>The type.</summary>
    public DnsRecordType Type { get; }

    /// <summary>The class.</summary>
    public DnsRecordClass Class { get; }

    /// <summary>The time to live to send, in seconds.</summary>
    public uint Ttl { get; }

    internal int OwnerAt { get; }

    internal int OwnerLength { get; }

    internal int RdataAt { get; }

    internal int RdataLength { get; }

    internal ResponseEntry WithTtl(uint ttl) => new(Section, Records, Type, Class, ttl, OwnerAt, OwnerLength, RdataAt, RdataLength);
}
