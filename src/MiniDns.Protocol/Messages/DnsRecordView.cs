using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Messages;

/// <summary>A record, by its place in a message (RFC 1035 §4.1.3). Names in it are still compressed.</summary>
/// <param name="OwnerOffset">Where the owner name starts.</param>
/// <param name="Type">The type.</param>
/// <param name="Class">The class; for OPT the sender's UDP payload size in octets.</param>
/// <param name="Ttl">The time to live in seconds as it stands on the wire; for OPT the extended rcode and flags.</param>
/// <param name="TtlOffset">Where the TTL stands.</param>
/// <param name="RdataOffset">Where the rdata starts.</param>
/// <param name="RdataLength">The rdata's length in octets.</param>
public readonly record struct DnsRecordView(
    int OwnerOffset,
    DnsRecordType Type,
    DnsRecordClass Class,
    uint Ttl,
    int TtlOffset,
    int RdataOffset,
    int RdataLength)
{
    /// <summary>The offset after the record.</summary>
    public int End => RdataOffset + RdataLength;
}
