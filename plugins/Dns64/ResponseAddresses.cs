using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dns64;

/// <summary>Looks at what a response holds, whichever form it has; only dropping records takes a wire form apart.</summary>
internal static class ResponseAddresses
{
    private static ReadOnlySpan<byte> Mapped => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>How many IPv6 addresses the answer has.</summary>
    /// <returns>Those that a client can use, and those of <c>::ffff:0:0/96</c>, which never appear on a network (RFC 6147 §5.1.4).</returns>
    public static (int Usable, int Excluded) Count(DnsResponse response)
    {
        int all = 0;
        int excluded = 0;
        if (response.Form == ResponseForm.Wire)
        {
            ReadOnlySpan<byte> message = response.WireMessage;
            foreach (ushort ttl in AnswerTtls(response))
            {
                if (TypeAt(message, ttl) == DnsRecordType.AAAA)
                {
                    all++;
                    excluded += IsExcluded(message[(ttl + 6)..]) ? 1 : 0;
                }
            }

            return (all - excluded, excluded);
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section != DnsSection.Answer || entry.Type != DnsRecordType.AAAA)
            {
                continue;
            }

            if (entry.Records is { } set)
            {
                all += set.Count;
                foreach (ReadOnlySpan<byte> rdata in set)
                {
                    excluded += IsExcluded(rdata) ? 1 : 0;
                }
            }
            else
            {
                all++;
                excluded += IsExcluded(response.RdataOf(entry)) ? 1 : 0;
            }
        }

        return (all - excluded, excluded);
    }

    /// <summary>True when the answer has a record of a type. For responses in the form of records.</summary>
    public static bool Has(DnsResponse response, DnsRecordType type)
    {
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer && entry.Type == type)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when there is an answer.</summary>
    public static bool HasAnswer(DnsResponse response)
    {
        if (response.Form == ResponseForm.Wire)
        {
            return !AnswerTtls(response).IsEmpty;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the addresses of <c>::ffff:0:0/96</c> from the answer.</summary>
    public static void DropExcluded(DnsResponse response)
    {
        if (!response.TryMaterialize())
        {
            return;
        }

        for (int i = 0; i < response.Entries.Length; i++)
        {
            if (response.Entries[i].Section == DnsSection.Answer && response.Entries[i].Type == DnsRecordType.AAAA && !response.TrySplit(i))
            {
                return;
            }
        }

        for (int i = response.Entries.Length - 1; i >= 0; i--)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            if (entry.Section == DnsSection.Answer
                && (entry.Type == DnsRecordType.AAAA ? IsExcluded(response.RdataOf(entry)) : Covers(response, entry, DnsRecordType.AAAA)))
            {
                response.RemoveAt(i);
            }
        }
    }

    /// <summary>The TTL of the SOA record of a denial, in seconds; null when there is none.</summary>
    public static uint? DenialTtl(DnsResponse response)
    {
        if (response.Form == ResponseForm.Wire)
        {
            ReadOnlySpan<byte> message = response.WireMessage;
            DnsHeader.TryRead(message, out DnsHeader header);
            foreach (ushort ttl in response.WireTtlOffsets.Slice(header.AnswerCount, header.AuthorityCount))
            {
                if (TypeAt(message, ttl) == DnsRecordType.SOA)
                {
                    return response.AdjustTtl(BinaryPrimitives.ReadUInt32BigEndian(message[ttl..]));
                }
            }

            return null;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA)
            {
                return entry.Ttl;
            }
        }

        return null;
    }

    /// <summary>The shortest TTL of the answer, in seconds. For responses in the form of records.</summary>
    public static uint ShortestAnswerTtl(DnsResponse response)
    {
        uint shortest = uint.MaxValue;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                shortest = Math.Min(shortest, entry.Ttl);
            }
        }

        return shortest;
    }

    /// <summary>True when a record is the signature of a type (RFC 4034 §3.1.1). For responses in the form of records.</summary>
    public static bool Covers(DnsResponse response, in ResponseEntry entry, DnsRecordType type)
    {
        if (entry.Type != DnsRecordType.RRSIG)
        {
            return false;
        }

        ReadOnlySpan<byte> rdata = entry.Records is { } set ? set.First : response.RdataOf(entry);
        return rdata.Length > 2 && (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(rdata) == type;
    }

    private static bool IsExcluded(ReadOnlySpan<byte> rdata) => rdata.Length >= 16 && rdata.StartsWith(Mapped);

    private static ReadOnlySpan<ushort> AnswerTtls(DnsResponse response)
    {
        DnsHeader.TryRead(response.WireMessage, out DnsHeader header);
        return response.WireTtlOffsets[..header.AnswerCount];
    }

    private static DnsRecordType TypeAt(ReadOnlySpan<byte> message, int ttlOffset) =>
        (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(ttlOffset - 4)..]);
}
