using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Scrubbing;

/// <summary>Finds the records of an answer that nobody asked for (RFC 5452 §6, RFC 2181 §5.4.1).</summary>
/// <remarks>
/// What belongs: in the answer section the chain from the question's name over CNAME and DNAME, with signatures; in the authority section SOA, NS
/// and DS of the zones around the chain's names, and proofs (NSEC, NSEC3), which carry their own signatures; in the additional section what
/// a record that stays refers to, in the zone that the upstream was asked for. One pass over the octets; names are taken apart only where comparing pointers does not do.
/// </remarks>
public static class AnswerScrub
{
    [ThreadStatic]
    private static ScrubScratch? t_scratch;

    /// <summary>Marks the records that do not belong.</summary>
    /// <param name="message">A well-formed response with one question.</param>
    /// <param name="zone">The zone that the upstream is asked for; the root for everything.</param>
    /// <param name="keepsNeighbours">True to leave addresses of names beside the one asked for in the additional section, though nothing refers to them.</param>
    /// <param name="drop">Takes a bit for each record that is to go, in the order of the message, OPT and TSIG not counted. All bits are clear before;
    /// there is room for all records that the header counts.</param>
    /// <returns>How many records are to go; -1 when the message is malformed.</returns>
    public static int Find(ReadOnlySpan<byte> message, DnsNameView zone, bool keepsNeighbours, Span<ulong> drop)
    {
        var reader = new DnsReader(message);
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !reader.TryReadQuestion(out DnsQuestionView question))
        {
            return -1;
        }

        if (header.AnswerCount + header.AuthorityCount + header.AdditionalCount == 0)
        {
            return 0;
        }

        ScrubScratch scratch = t_scratch ??= new ScrubScratch();
        scratch.Begin(message, question.End - 4 - DnsHeader.Size);
        int start = reader.Position;
        int dropped = MarkAnswer(ref reader, header.AnswerCount, (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(question.End - 4)..]), scratch, drop);
        if (dropped < 0)
        {
            return -1;
        }

        int index = header.AnswerCount;
        for (int i = 0; i < header.AuthorityCount; i++, index++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return -1;
            }

            if (!BelongsToAuthority(message, record, scratch))
            {
                Mark(drop, index);
                dropped++;
            }
        }

        int additional = MarkAdditional(ref reader, header, start, index, zone, keepsNeighbours, scratch, drop);
        return additional < 0 ? -1 : dropped + additional;
    }

    /// <summary>True when a record was marked.</summary>
    /// <param name="drop">The bits.</param>
    /// <param name="index">The record's number, OPT and TSIG not counted.</param>
    public static bool IsMarked(ReadOnlySpan<ulong> drop, int index) => (drop[index >> 6] >> (index & 63) & 1) != 0;

    private static void Mark(Span<ulong> drop, int index) => drop[index >> 6] |= 1UL << (index & 63);

    private static int MarkAnswer(ref DnsReader reader, int count, DnsRecordType type, ScrubScratch scratch, Span<ulong> drop)
    {
        ReadOnlySpan<byte> message = reader.Message;
        int start = reader.Position;
        int dropped = 0;
        int known = scratch.ChainLength;
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return -1;
            }

            if (!BelongsToAnswer(message, record, type, scratch))
            {
                Mark(drop, i);
                dropped++;
            }
        }

        // Records may stand before the CNAME that leads to them.
        int end = reader.Position;
        while (dropped > 0 && scratch.ChainLength > known)
        {
            known = scratch.ChainLength;
            reader.Position = start;
            for (int i = 0; i < count; i++)
            {
                reader.TryReadRecord(out DnsRecordView record);
                if (IsMarked(drop, i) && BelongsToAnswer(message, record, type, scratch))
                {
                    drop[i >> 6] &= ~(1UL << (i & 63));
                    dropped--;
                }
            }
        }

        reader.Position = end;
        return dropped;
    }

    private static bool BelongsToAnswer(ReadOnlySpan<byte> message, in DnsRecordView record, DnsRecordType asked, ScrubScratch scratch)
    {
        DnsRecordType type = record.Type;
        if (type == DnsRecordType.RRSIG && asked != DnsRecordType.RRSIG)
        {
            if (record.RdataLength < 2)
            {
                return false;
            }

            type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[record.RdataOffset..]);
        }

        if (scratch.IsInChain(message, record.OwnerOffset))
        {
            if (record.Type == DnsRecordType.CNAME && asked is not (DnsRecordType.CNAME or DnsRecordType.ANY))
            {
                scratch.Extend(message, record.RdataOffset);
                return true;
            }

            return type == asked || asked == DnsRecordType.ANY || type == DnsRecordType.CNAME;
        }

        return type == DnsRecordType.DNAME && scratch.IsAboveChain(message, record.OwnerOffset);
    }

    private static bool BelongsToAuthority(ReadOnlySpan<byte> message, in DnsRecordView record, ScrubScratch scratch) => record.Type switch
    {
        DnsRecordType.NSEC or DnsRecordType.NSEC3 or DnsRecordType.RRSIG => true,
        DnsRecordType.SOA or DnsRecordType.NS or DnsRecordType.DS => scratch.IsAboveChain(message, record.OwnerOffset),
        _ => false,
    };

    private static int MarkAdditional(ref DnsReader reader, in DnsHeader header, int start, int index, DnsNameView zone, bool keepsNeighbours, ScrubScratch scratch, Span<ulong> drop)
    {
        int dropped = 0;
        bool known = false;
        for (int i = 0; i < header.AdditionalCount; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return -1;
            }

            if (record.Type is DnsRecordType.OPT or DnsRecordType.TSIG)
            {
                continue;
            }

            if (!known)
            {
                known = true;
                NoteReferences(reader.Message, start, header.AnswerCount + header.AuthorityCount, scratch, drop);
            }

            if (scratch.IsReferredTo(reader.Message, record.OwnerOffset, zone))
            {
                NoteReference(reader.Message, record, scratch);
            }
            else if (!keepsNeighbours || !IsAddress(reader.Message, record) || !scratch.IsNeighbour(reader.Message, record.OwnerOffset, zone))
            {
                Mark(drop, index);
                dropped++;
            }

            index++;
        }

        return dropped;
    }

    /// <summary>True for addresses, and signatures over them.</summary>
    private static bool IsAddress(ReadOnlySpan<byte> message, in DnsRecordView record)
    {
        DnsRecordType type = record.Type == DnsRecordType.RRSIG && record.RdataLength >= 2
            ? (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[record.RdataOffset..])
            : record.Type;
        return type is DnsRecordType.A or DnsRecordType.AAAA;
    }

    private static void NoteReferences(ReadOnlySpan<byte> message, int start, int count, ScrubScratch scratch, ReadOnlySpan<ulong> drop)
    {
        var reader = new DnsReader(message, start);
        for (int i = 0; i < count && reader.TryReadRecord(out DnsRecordView record); i++)
        {
            if (!IsMarked(drop, i))
            {
                NoteReference(message, record, scratch);
            }
        }
    }

    private static void NoteReference(ReadOnlySpan<byte> message, in DnsRecordView record, ScrubScratch scratch)
    {
        int at = record.Type switch
        {
            DnsRecordType.NS or DnsRecordType.PTR => 0,
            DnsRecordType.MX or DnsRecordType.AFSDB or DnsRecordType.KX or DnsRecordType.RT or DnsRecordType.SVCB or DnsRecordType.HTTPS => 2,
            DnsRecordType.SRV => 6,
            _ => -1,
        };
        if (at >= 0 && at < record.RdataLength)
        {
            scratch.Refer(message, record.RdataOffset + at);
        }
    }
}
