using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Cache;

/// <summary>What one look at a response tells about keeping it.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="AnswersQuestion">True when its answer section has what was asked for, at the end of its CNAME chain.</param>
/// <param name="Ttl">The seconds that its records allow, before limits of the configuration.</param>
internal readonly record struct ResponseTraits(ResponseKind Kind, bool AnswersQuestion, uint Ttl)
{
    /// <summary>The seconds for responses that say nothing about how long they are good.</summary>
    public const uint DefaultTtl = 5;

    /// <summary>The longest CNAME chain that is followed.</summary>
    private const int MaxChain = 16;

    /// <summary>Looks at a response.</summary>
    /// <param name="message">The message, without OPT.</param>
    /// <param name="selector">Type, class, DO and CD of the question that was worked on.</param>
    /// <param name="unixTime">The time for RRSIG records, in seconds since 1970.</param>
    public static ResponseTraits Of(ReadOnlySpan<byte> message, ulong selector, uint unixTime)
    {
        if (!DnsHeader.TryRead(message, out DnsHeader header) || header.IsTruncated)
        {
            return default;
        }

        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out DnsQuestionView question))
        {
            return default;
        }

        int authority = header.AnswerCount;
        int additional = authority + header.AuthorityCount;
        int records = additional + header.AdditionalCount;
        bool hasSoa = false;
        bool hasNs = false;
        uint ttl = uint.MaxValue;
        uint negativeTtl = uint.MaxValue;
        for (int i = 0; i < records; i++)
        {
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return default;
            }

            // A TTL with its highest bit set counts as zero (RFC 2181 §8).
            ttl = Math.Min(ttl, record.Ttl > int.MaxValue ? 0 : record.Ttl);
            switch (record.Type)
            {
                case DnsRecordType.SOA when i >= authority && i < additional && record.RdataLength >= 22:
                    // RFC 2308 §5: no longer than the SOA record's MINIMUM, its last field.
                    hasSoa = true;
                    negativeTtl = Math.Min(negativeTtl, BinaryPrimitives.ReadUInt32BigEndian(message[(record.End - 4)..]));
                    break;
                case DnsRecordType.NS when i >= authority && i < additional:
                    hasNs = true;
                    break;
                case DnsRecordType.RRSIG when CacheKey.HasDnssecOk(selector) && !IsInForce(message.Slice(record.RdataOffset, record.RdataLength), unixTime):
                    return default;
                default:
                    break;
            }
        }

        ttl = records == 0 ? DefaultTtl : ttl;
        switch (header.ResponseCode)
        {
            case DnsResponseCode.NameError:
                return hasSoa ? new(ResponseKind.NameError, false, Math.Min(ttl, negativeTtl)) : default;
            case DnsResponseCode.ServerFailure or DnsResponseCode.NotImplemented:
                return new(ResponseKind.Failure, false, 0);
            case DnsResponseCode.NoError when header.AnswerCount > 0:
                bool answers = AnswerIsThere(message, question, header.AnswerCount, selector);

                // A CNAME chain that leads nowhere is NODATA (RFC 2308 §2.2), to be kept if a SOA says how long.
                return answers ? new(ResponseKind.Positive, true, ttl)
                    : hasSoa ? new(ResponseKind.NoData, false, Math.Min(ttl, negativeTtl))
                    : default;
            case DnsResponseCode.NoError when hasSoa:
                return new(ResponseKind.NoData, false, Math.Min(ttl, negativeTtl));
            case DnsResponseCode.NoError when hasNs:
                return new(ResponseKind.Referral, false, DefaultTtl);
            case DnsResponseCode.NoError:
                return new(ResponseKind.Positive, false, ttl);
            default:
                return default;
        }
    }

    /// <summary>True when an RRSIG's validity period has begun and not ended (RFC 4034 §3.1.5, serial arithmetic).</summary>
    private static bool IsInForce(ReadOnlySpan<byte> rdata, uint now) =>
        rdata.Length >= 18
        && (int)(BinaryPrimitives.ReadUInt32BigEndian(rdata[8..]) - now) >= 0
        && (int)(now - BinaryPrimitives.ReadUInt32BigEndian(rdata[12..])) >= 0;

    /// <summary>Follows the CNAME chain from the question's name and looks for the type at its end.</summary>
    private static bool AnswerIsThere(ReadOnlySpan<byte> message, in DnsQuestionView question, int answers, ulong selector)
    {
        DnsRecordType type = CacheKey.TypeIn(selector);
        Span<byte> current = stackalloc byte[DnsNameView.MaxLength];
        Span<byte> target = stackalloc byte[DnsNameView.MaxLength];
        scoped var reader = new DnsReader(message, question.NameOffset);
        if (!reader.TryReadName(current, out int length))
        {
            return false;
        }

        // A chain that does not end within the limit is a loop or a nuisance; an owner with two targets has no meaning
        // (RFC 2181 §10.1). Neither is an answer.
        for (int link = 0; link <= MaxChain; link++)
        {
            bool hasType = false;
            int targetLength = 0;
            reader.Position = question.End;
            for (int i = 0; i < answers; i++)
            {
                if (!reader.TryReadRecord(out DnsRecordView record))
                {
                    return false;
                }

                bool isCname = record.Type == DnsRecordType.CNAME;
                if ((!isCname && record.Type != type && type != DnsRecordType.ANY)
                    || !IsOfClass(record.Class, CacheKey.ClassIn(selector))
                    || !IsOwner(message, record, new DnsNameView(current[..length])))
                {
                    continue;
                }

                hasType |= type == DnsRecordType.ANY || record.Type == type;
                if (isCname && !TrySetTarget(message, record, target, ref targetLength))
                {
                    return false;
                }
            }

            if (type is DnsRecordType.ANY or DnsRecordType.CNAME || targetLength == 0)
            {
                return hasType;
            }

            target[..targetLength].CopyTo(current);
            length = targetLength;
        }

        return false;
    }

    private static bool IsOfClass(DnsRecordClass @class, DnsRecordClass asked) => asked == DnsRecordClass.ANY || @class == asked;

    private static bool IsOwner(ReadOnlySpan<byte> message, in DnsRecordView record, DnsNameView name)
    {
        Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
        scoped var reader = new DnsReader(message, record.OwnerOffset);
        return reader.TryReadName(owner, out int length) && new DnsNameView(owner[..length]).Equals(name);
    }

    private static bool TrySetTarget(ReadOnlySpan<byte> message, in DnsRecordView record, Span<byte> target, ref int targetLength)
    {
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength];
        scoped var reader = new DnsReader(message, record.RdataOffset);
        if (!reader.TryReadName(name, out int length)
            || (targetLength > 0 && !new DnsNameView(name[..length]).Equals(new DnsNameView(target[..targetLength]))))
        {
            return false;
        }

        name[..length].CopyTo(target);
        targetLength = length;
        return true;
    }
}
