using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Transfers;

/// <summary>A record of class IN as it comes in; its octets are good during the call that hands it over.</summary>
public readonly ref struct TransferRecord(DnsNameView owner, DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata)
{
    /// <summary>The owner name, which is in the zone.</summary>
    public DnsNameView Owner { get; } = owner;

    /// <summary>The type; never one that is for questions or messages only.</summary>
    public DnsRecordType Type { get; } = type;

    /// <summary>The time to live, in seconds.</summary>
    public uint Ttl { get; } = ttl;

    /// <summary>The rdata, names uncompressed, in the form of its type.</summary>
    public ReadOnlySpan<byte> Rdata { get; } = rdata;
}
