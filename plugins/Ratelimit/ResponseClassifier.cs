using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>Tells what kind of response an attacker makes a server repeat, and the name under which it counts as the same.</summary>
internal static class ResponseClassifier
{
    /// <summary>How many records of the authority section are looked at.</summary>
    private const int MaxLooked = 8;

    /// <summary>Classifies the response.</summary>
    /// <param name="query">The query with its response.</param>
    /// <param name="outcome">What the chain did with it.</param>
    /// <param name="name">A hash of what makes it the same as others.</param>
    public static ResponseClass Classify(DnsQuery query, DnsOutcome outcome, out ulong name)
    {
        name = 0;
        DnsResponse response = query.Response;
        if (outcome != DnsOutcome.Replied || response.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
        {
            return ResponseClass.Errors;
        }

        bool isNameError = response.Code == DnsResponseCode.NameError;
        if (!isNameError && HasAnswer(query, ref name))
        {
            return ResponseClass.Responses;
        }

        // Random names below one zone are one attack: they count under the zone.
        DnsRecordType found = FindAuthority(response, out name);
        if (found == default)
        {
            name = query.Zone.Hash;
        }

        return isNameError ? ResponseClass.NxDomain
            : found == DnsRecordType.NS && (response.Flags & DnsResponseFlags.Authoritative) == 0 ? ResponseClass.Referrals
            : ResponseClass.NoData;
    }

    private static bool HasAnswer(DnsQuery query, ref ulong name)
    {
        DnsResponse response = query.Response;
        name = query.NameHash + (ulong)query.Type;
        if (response.Form == ResponseForm.Wire)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(response.WireMessage[6..]) > 0;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                // What a wildcard made counts under the wildcard (RFC 4592), or every name would be another one.
                if (entry.Records is { } records && records.Owner.IsWildcard)
                {
                    name = records.Owner.Hash + (ulong)query.Type;
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the SOA or NS record of the authority section.</summary>
    private static DnsRecordType FindAuthority(DnsResponse response, out ulong owner)
    {
        owner = 0;
        if (response.Form == ResponseForm.Wire)
        {
            return FindInMessage(response.WireMessage, out owner);
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Authority && entry.Type is DnsRecordType.SOA or DnsRecordType.NS)
            {
                owner = response.OwnerOf(entry).Hash;
                return entry.Type;
            }
        }

        return default;
    }

    private static DnsRecordType FindInMessage(ReadOnlySpan<byte> message, out ulong owner)
    {
        owner = 0;
        if (!DnsHeader.TryRead(message, out DnsHeader header) || header.AuthorityCount == 0)
        {
            return default;
        }

        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out _))
        {
            return default;
        }

        Span<byte> name = stackalloc byte[DnsNameView.MaxLength];
        int records = Math.Min(header.AnswerCount + header.AuthorityCount, MaxLooked);
        for (int i = 0; i < records && reader.TryReadRecord(out DnsRecordView record); i++)
        {
            if (i < header.AnswerCount || record.Type is not (DnsRecordType.SOA or DnsRecordType.NS))
            {
                continue;
            }

            var names = new DnsReader(message, record.OwnerOffset);
            if (names.TryReadName(name, out int length))
            {
                owner = DnsNameHash.Compute(name[..length]);
                return record.Type;
            }
        }

        return default;
    }
}
