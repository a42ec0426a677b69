using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Blocklist;

/// <summary>The answer that stands for a blocked name.</summary>
/// <param name="Kind">What it is.</param>
internal sealed record BlockAnswer(BlockAnswerKind Kind)
{
    /// <summary>The SOA record's rdata before its last field: no server, no mailbox, and times for a secondary that there is not.</summary>
    private static readonly byte[] SoaHead = [0, 0, 0, 0, 0, 1, 0, 0, 0x0E, 0x10, 0, 0, 2, 0x58, 0, 1, 0x51, 0x80];

    /// <summary>The null addresses.</summary>
    public static BlockAnswer Null { get; } = new(BlockAnswerKind.Address) { V4 = IPAddress.Any.GetAddressBytes(), V6 = IPAddress.IPv6Any.GetAddressBytes() };

    /// <summary>The address for A, 4 octets; empty for none.</summary>
    public byte[] V4 { get; init; } = [];

    /// <summary>The address for AAAA, 16 octets; empty for none.</summary>
    public byte[] V6 { get; init; } = [];

    /// <summary>Answers a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="ttl">How long the answer may be kept, in seconds.</param>
    public DnsOutcome Give(DnsQuery query, uint ttl)
    {
        DnsResponse response = query.Response;
        response.SetEmpty(Kind switch
        {
            BlockAnswerKind.NxDomain => DnsResponseCode.NameError,
            BlockAnswerKind.Refused => DnsResponseCode.Refused,
            _ => DnsResponseCode.NoError,
        });
        response.Flags = DnsResponseFlags.RecursionAvailable;
        if (Kind == BlockAnswerKind.Refused)
        {
            return DnsOutcome.Replied;
        }

        byte[] address = query.Type switch
        {
            DnsRecordType.A => V4,
            DnsRecordType.AAAA => V6,
            _ => [],
        };
        if (address.Length > 0)
        {
            response.AddSynthesized(DnsSection.Answer, query.LowerName, query.Type, DnsRecordClass.IN, ttl, address);
        }
        else
        {
            // A denial can be kept only with a SOA record (RFC 2308 §5).
            Span<byte> soa = stackalloc byte[SoaHead.Length + 4];
            SoaHead.CopyTo(soa);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(soa[SoaHead.Length..], ttl);
            response.AddSynthesized(DnsSection.Authority, query.LowerName, DnsRecordType.SOA, DnsRecordClass.IN, ttl, soa);
        }

        return DnsOutcome.Replied;
    }
}
