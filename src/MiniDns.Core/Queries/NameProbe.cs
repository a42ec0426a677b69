using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>Asks the server itself whether names exist, for plugins that complete names in place of its clients (<c>search</c>, <c>autopath</c>).</summary>
/// <remarks>What counts is whether a name exists, not whether it has the type asked for, so that all types lead to the same name. Some servers
/// deny a name altogether for a type that it lacks (RFC 4074 §4.2): a denial is believed when A and AAAA are denied as well.</remarks>
public static class NameProbe
{
    /// <summary>How long a client may keep what nobody put a time to, in seconds.</summary>
    public const uint DefaultTtl = 30;

    /// <summary>True for types that programs ask about hosts and services; false for those that resolvers ask about zones, for
    /// PTR, whose names are whole, and for what is no type of data (RFC 6895 §3.1).</summary>
    public static bool IsSearchedType(DnsRecordType type) => type switch
    {
        DnsRecordType.NS or DnsRecordType.SOA or DnsRecordType.PTR or DnsRecordType.CNAME or DnsRecordType.DNAME => false,
        DnsRecordType.DS or DnsRecordType.DNSKEY or DnsRecordType.RRSIG or DnsRecordType.NSEC or DnsRecordType.NSEC3 or DnsRecordType.NSEC3PARAM => false,
        DnsRecordType.CDS or DnsRecordType.CDNSKEY or DnsRecordType.CSYNC or DnsRecordType.ZONEMD or DnsRecordType.OPT => false,
        _ => (int)type is > 0 and (< 128 or > 255),
    };

    /// <summary>The types that tell whether a name exists: the one asked for, then the address families.</summary>
    /// <param name="asked">The type asked for.</param>
    /// <param name="probe">Which of them, from 0.</param>
    /// <returns>The type; 0 when there are no more.</returns>
    public static DnsRecordType TypeOf(DnsRecordType asked, int probe) => (asked, probe) switch
    {
        (_, 0) => asked,
        (DnsRecordType.A, 1) => DnsRecordType.AAAA,
        (DnsRecordType.AAAA, 1) => DnsRecordType.A,
        (DnsRecordType.A or DnsRecordType.AAAA, _) => 0,
        (_, 1) => DnsRecordType.A,
        (_, 2) => DnsRecordType.AAAA,
        _ => 0,
    };

    /// <summary>Puts a name in front of another.</summary>
    /// <param name="head">The labels in front, without a root label.</param>
    /// <param name="tail">The name behind.</param>
    /// <param name="name">Takes at most 255 octets.</param>
    /// <param name="length">The octets of the whole name.</param>
    /// <returns>False when it would be too long.</returns>
    public static bool TryJoin(ReadOnlySpan<byte> head, DnsNameView tail, Span<byte> name, out int length)
    {
        length = head.Length + tail.Length;
        if (length > DnsNameView.MaxLength)
        {
            return false;
        }

        head.CopyTo(name);
        tail.Wire.CopyTo(name[head.Length..]);
        return true;
    }

    /// <summary>Tells what a finished question says about its name. Its response is in the form of records afterwards, unless it was dropped.</summary>
    public static NameFinding FindingOf(DnsQuery question, DnsOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(question);
        DnsResponse response = question.Response;
        if (outcome == DnsOutcome.Dropped)
        {
            return NameFinding.Dropped;
        }

        if (outcome == DnsOutcome.Unclaimed)
        {
            return NameFinding.Denied;
        }

        if (!response.TryMaterialize())
        {
            question.Reply(DnsResponseCode.ServerFailure);
            return NameFinding.Failed;
        }

        if ((response.Flags & DnsResponseFlags.NoSuchName) != 0)
        {
            return NameFinding.DeniedForGood;
        }

        return response.Code switch
        {
            DnsResponseCode.NoError => NameFinding.Exists,

            // A denial behind an alias denies the alias's target; the alias itself is there (RFC 6604 §3).
            DnsResponseCode.NameError => HasAnswer(response) ? NameFinding.Exists : NameFinding.Denied,
            _ => NameFinding.Failed,
        };
    }

    /// <summary>Replies with an alias from the asked name to the name that was found, and with what that name has.</summary>
    /// <param name="query">The query; its response has no records.</param>
    /// <param name="question">The question for the name that exists.</param>
    /// <param name="isAskedType">False when the name showed itself by another type than the one asked for: it has none of that one.</param>
    /// <param name="ttlLimit">The longest time to live of the alias, in seconds; it is never kept longer than what was found.</param>
    public static void ReplyWith(DnsQuery query, DnsQuery question, bool isAskedType, uint ttlLimit)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(question);
        DnsResponse found = question.Response;
        DnsResponse reply = query.Response;
        uint ttl = Math.Min(ttlLimit, ShortestTtl(found));
        reply.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.CNAME, DnsRecordClass.IN, ttl, question.AskedName.Wire);
        if (isAskedType)
        {
            reply.AddFrom(found);
        }

        // The alias is our own making and nobody's signature covers it (RFC 6840 §5.8).
        reply.Flags = found.Flags & ~DnsResponseFlags.AuthenticData;
        reply.Code = isAskedType ? found.Code : DnsResponseCode.NoError;
    }

    /// <summary>How long a denial may be kept, in seconds, by its SOA record (RFC 2308 §5); null when it has none.</summary>
    public static uint? DenialTtl(DnsResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA)
            {
                ReadOnlySpan<byte> rdata = default;
                if (entry.Records is { } set)
                {
                    foreach (ReadOnlySpan<byte> one in set)
                    {
                        rdata = one;
                    }
                }
                else
                {
                    rdata = response.RdataOf(entry);
                }

                return rdata.Length >= 4 ? Math.Min(entry.Ttl, BinaryPrimitives.ReadUInt32BigEndian(rdata[^4..])) : 0;
            }
        }

        return null;
    }

    /// <summary>True when the response, in the form of records, has something in its answer section.</summary>
    public static bool HasAnswer(DnsResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The shortest time that anything in a response may be kept, in seconds.</summary>
    private static uint ShortestTtl(DnsResponse response)
    {
        uint shortest = uint.MaxValue;
        bool answered = false;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                answered = true;
                shortest = Math.Min(shortest, entry.Ttl);
            }
        }

        return answered ? shortest : DenialTtl(response) ?? DefaultTtl;
    }
}
