using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>Finds its way through a response message without taking it apart.</summary>
public static class WireIndex
{
    /// <summary>Goes over a message once.</summary>
    /// <param name="message">The message.</param>
    /// <param name="ttlOffsets">Takes the offsets of the records' TTLs, OPT and TSIG left out, as many as it has room for.</param>
    /// <param name="scan">What was found.</param>
    /// <returns>False when the message is malformed, has not exactly one question, or has OPT outside the additional section.</returns>
    public static bool TryScan(ReadOnlySpan<byte> message, Span<ushort> ttlOffsets, out WireScan scan)
    {
        scan = default;
        if (!DnsHeader.TryRead(message, out DnsHeader header) || header.QuestionCount != 1)
        {
            return false;
        }

        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out DnsQuestionView question))
        {
            return false;
        }

        int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        int kept = 0;
        int optOffset = -1;
        int optLength = 0;
        int cut = -1;
        bool optIsLast = true;
        uint minimum = uint.MaxValue;
        ushort code = (ushort)header.ResponseCode;
        for (int i = 0; i < records; i++)
        {
            int start = reader.Position;
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return false;
            }

            if (record.Type is DnsRecordType.OPT or DnsRecordType.TSIG)
            {
                if (i < header.AnswerCount + header.AuthorityCount)
                {
                    return false;
                }

                if (record.Type == DnsRecordType.OPT)
                {
                    optOffset = start;
                    optLength = record.End - start;
                    code |= (ushort)(record.Ttl >> 24 << 4);
                }

                cut = cut < 0 ? start : cut;
                continue;
            }

            // Octets behind OPT cannot be moved up blindly: they may hold names that others point to.
            optIsLast &= cut < 0;
            if (kept < ttlOffsets.Length)
            {
                ttlOffsets[kept] = (ushort)record.TtlOffset;
            }

            minimum = Math.Min(minimum, record.Ttl);
            kept++;
        }

        scan = new WireScan((DnsResponseCode)code, question.End, kept, cut < 0 || !optIsLast ? reader.Position : cut, optOffset, optLength, optIsLast, minimum);
        return true;
    }

    /// <summary>Copies a message without its OPT and TSIG records, which must be last, and sets the counts to match.</summary>
    public static void CopyBody(ReadOnlySpan<byte> message, in WireScan scan, Span<byte> destination)
    {
        message[..scan.BodyLength].CopyTo(destination);
        int answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        int authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], (ushort)(scan.RecordCount - answers - authorities));
    }
}
