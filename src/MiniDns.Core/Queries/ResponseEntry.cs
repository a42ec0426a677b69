using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>One RRset of a response, by reference, or one record in the response's own memory.</summary>
public readonly struct ResponseEntry
{
    private readonly RRsetView _records;
    private readonly bool _isRRset;

    internal ResponseEntry(DnsSection section, in RRsetView records, uint ttl, int owner, int ownerLength)
    {
        Section = section;
        _records = records;
        _isRRset = true;
        Type = records.Type;
        Class = records.Class;
        Ttl = ttl;
        OwnerAt = owner;
        OwnerLength = ownerLength;
    }

    internal ResponseEntry(DnsSection section, DnsRecordType type, DnsRecordClass @class, uint ttl, int owner, int ownerLength, int rdata, int rdataLength)
    {
        Section = section;
        Type = type;
        Class = @class;
        Ttl = ttl;
        OwnerAt = owner;
        OwnerLength = ownerLength;
        RdataAt = rdata;
        RdataLength = rdataLength;
    }

    private ResponseEntry(in ResponseEntry other, uint ttl, RRsetOrder order)
    {
        this = other;
        Ttl = ttl;
        Order = order;
    }

    private ResponseEntry(in ResponseEntry other, int owner, int ownerLength, int rdata, int rdataLength)
    {
        this = other;
        OwnerAt = owner;
        OwnerLength = ownerLength;
        RdataAt = rdata;
        RdataLength = rdataLength;
    }

    /// <summary>Where it goes.</summary>
    public DnsSection Section { get; }

    /// <summary>The RRset; null for a single record, whose rdata the response holds.</summary>
    public RRsetView? Records => _isRRset ? _records : null;

    /// <summary>The type.</summary>
    public DnsRecordType Type { get; }

    /// <summary>The class.</summary>
    public DnsRecordClass Class { get; }

    /// <summary>The time to live to send, in seconds.</summary>
    public uint Ttl { get; }

    /// <summary>The order in which the records of <see cref="Records"/> are sent.</summary>
    public RRsetOrder Order { get; }

    /// <summary>True when the owner is sent in its own case; else in that of the question, where it has that name.</summary>
    internal bool KeepsCase { get; init; }

    /// <summary>True when it is an RRset by reference, not a single record of the response's own.</summary>
    internal bool IsRRset => _isRRset;

    /// <summary>The RRset, when it is one.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    internal ref readonly RRsetView View => ref _records;

    /// <summary>Where the owner stands in the response's own memory.</summary>
    internal int OwnerAt { get; }

    /// <summary>The length of the owner there; 0 when the RRset's own owner is meant.</summary>
    internal int OwnerLength { get; }

    internal int RdataAt { get; }

    internal int RdataLength { get; }

    internal ResponseEntry WithTtl(uint ttl) => new(this, ttl, Order);

    internal ResponseEntry WithOwner(int owner, int length) => new(this, owner, length, RdataAt, RdataLength);

    internal ResponseEntry WithRdata(int rdata, int length) => new(this, OwnerAt, OwnerLength, rdata, length);

    internal ResponseEntry WithOrder(RRsetOrder order) => new(this, Ttl, order);
}
