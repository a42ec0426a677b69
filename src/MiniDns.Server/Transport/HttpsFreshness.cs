using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Server.Transport;

/// <summary>How long a cache of HTTP may keep a reply (RFC 8484 §5.1).</summary>
internal static class HttpsFreshness
{
    /// <summary>The smallest TTL of a reply's records, that of a negative answer included (RFC 2308 §5); 0 when there is none, or the answer is an error.</summary>
    /// <param name="reply">The reply.</param>
    public static uint SecondsOf(ReadOnlySpan<byte> reply)
    {
        if (!DnsHeader.TryRead(reply, out DnsHeader header) || header.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
        {
            return 0;
        }

        var reader = new DnsReader(reply);
        for (int i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out _))
            {
                return 0;
            }
        }

        uint least = uint.MaxValue;
        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (int i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return 0;
            }

            if (record.Type is DnsRecordType.OPT or DnsRecordType.TSIG)
            {
                continue;
            }

            least = Math.Min(least, record.Ttl);
            if (record.Type == DnsRecordType.SOA && header.AnswerCount == 0)
            {
                least = Math.Min(least, BinaryPrimitives.ReadUInt32BigEndian(reply.Slice(record.End - 4, 4)));
            }
        }

        return least == uint.MaxValue ? 0 : least;
    }
}
