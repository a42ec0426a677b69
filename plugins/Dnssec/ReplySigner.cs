using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Puts signatures and denials into a reply. What comes with a signature keeps that.</summary>
internal sealed class ReplySigner(SignedZones zones, RRsetSigner signer)
{
    /// <summary>The longest CNAME chain that is followed.</summary>
    private const int MaxChain = 16;

    [ThreadStatic]
    private static CanonicalRRset? t_records;

    /// <summary>Signs a reply.</summary>
    /// <param name="query">The query; its response is in the form of records.</param>
    /// <param name="counters">Take what the cache knew.</param>
    /// <param name="isDelegation">True when another zone is known to begin at the name asked for.</param>
    public void Sign(DnsQuery query, DnssecCounters counters, bool isDelegation)
    {
        DnsResponse response = query.Response;
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength];
        bool hasAnswer = FollowChain(query, name, out int length);
        var end = new DnsNameView(name[..length]);
        int count = response.Entries.Length;
        if (hasAnswer)
        {
            SignAll(response, count, null, counters);
            return;
        }

        Findings found = LookAt(response, end, out int place);
        switch (found)
        {
            case Findings.Denial:
                SignAll(response, count, null, counters);
                Deny(query, place, end, isDelegation, counters);
                break;
            case Findings.Referral:
                SignAll(response, count, DnsRecordType.DS, counters);
                ProveCut(response, place, counters);
                break;
            case Findings.Proven:
                SignAll(response, count, DnsRecordType.DS, counters);
                break;
            default:
                SignAll(response, count, null, counters);
                break;
        }
    }

    /// <summary>Goes along the chain of aliases.</summary>
    /// <returns>True when there is an answer at its end.</returns>
    private static bool FollowChain(DnsQuery query, Span<byte> name, out int length)
    {
        query.LowerName.Wire.CopyTo(name);
        length = query.LowerName.Length;
        DnsResponse response = query.Response;
        for (int link = 0; link <= MaxChain; link++)
        {
            bool goesOn = false;
            foreach (ref readonly ResponseEntry entry in response.Entries)
            {
                if (entry.Section != DnsSection.Answer || !response.OwnerOf(entry).Equals(new DnsNameView(name[..length])))
                {
                    continue;
                }

                if (entry.Type == query.Type || query.Type == DnsRecordType.ANY)
                {
                    return true;
                }

                if (entry.Type == DnsRecordType.CNAME)
                {
                    var target = new DnsNameView(FirstRdataOf(response, entry));
                    target.CopyLowerTo(name);
                    length = target.Length;
                    goesOn = true;
                    break;
                }
            }

            if (!goesOn)
            {
                return false;
            }
        }

        return true;        // a chain that long is taken as it is
    }

    /// <summary>Tells what a reply without an answer says.</summary>
    /// <param name="response">The reply.</param>
    /// <param name="end">The name that there is no answer for.</param>
    /// <param name="place">The entry that tells: the SOA record, or the NS records of a delegation.</param>
    private Findings LookAt(DnsResponse response, DnsNameView end, out int place)
    {
        Findings found = Findings.Nothing;
        place = -1;
        for (int i = 0; i < response.Entries.Length; i++)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            if (entry.Section != DnsSection.Authority)
            {
                continue;
            }

            DnsNameView owner = response.OwnerOf(entry);
            switch (entry.Type)
            {
                case DnsRecordType.NSEC or DnsRecordType.NSEC3:
                    return Findings.Proven;
                case DnsRecordType.SOA when found != Findings.Denial && zones.Find(owner) is { } zone && end.IsSubdomainOf(zone.View):
                    (found, place) = (Findings.Denial, i);
                    break;
                case DnsRecordType.NS when found == Findings.Nothing && response.Code == DnsResponseCode.NoError && end.IsSubdomainOf(owner)
                    && zones.KeysAt(owner) is null && zones.Find(owner) is not null:
                    (found, place) = (Findings.Referral, i);
                    break;
                default:
                    break;
            }
        }

        return found;
    }

    /// <summary>Signs the RRsets of a reply.</summary>
    /// <param name="response">The reply.</param>
    /// <param name="count">How many entries are looked at.</param>
    /// <param name="only">The only type that is signed outside the answer section; null for all.</param>
    /// <param name="counters">Take what the cache knew.</param>
    private void SignAll(DnsResponse response, int count, DnsRecordType? only, DnssecCounters counters)
    {
        bool hasSignatures = false;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            hasSignatures |= entry.Type == DnsRecordType.RRSIG;
        }

        for (int i = 0; i < count; i++)
        {
            ResponseEntry entry = response.Entries[i];
            if (entry.Type is DnsRecordType.RRSIG or DnsRecordType.OPT or DnsRecordType.TSIG
                || entry.Class != DnsRecordClass.IN
                || (only is not null && entry.Section != DnsSection.Answer && entry.Type != only))
            {
                continue;
            }

            DnsNameView owner = response.OwnerOf(entry);
            if (zones.Find(owner, entry.Type) is { } zone
                && !(entry.Type == DnsRecordType.NS && entry.Section != DnsSection.Answer && !owner.Equals(zone.View))
                && IsFirst(response, i)
                && !(hasSignatures && IsSigned(response, count, entry)))
            {
                SignSet(response, i, count, zone, counters);
            }
        }
    }

    private void SignSet(DnsResponse response, int first, int count, DnsName zone, DnssecCounters counters)
    {
        CanonicalRRset records = t_records ??= new CanonicalRRset();
        ResponseEntry entry = response.Entries[first];
        DnsNameView owner = response.OwnerOf(entry);
        records.Begin(zone.View, owner, entry.Type, entry.Class, RRsetSigner.OriginalTtl);
        for (int i = first; i < count; i++)
        {
            ref readonly ResponseEntry other = ref response.Entries[i];
            if ((i == first || IsSameSet(response, entry, other)) && !TryAdd(response, other, records))
            {
                return;
            }
        }

        records.Complete();
        AddSignatures(response, entry.Section, owner, entry.Ttl, records, counters);
    }

    private void Deny(DnsQuery query, int place, DnsNameView end, bool isDelegation, DnssecCounters counters)
    {
        DnsResponse response = query.Response;
        ResponseEntry soa = response.Entries[place];
        DnsName zone = zones.Find(response.OwnerOf(soa))!;

        // RFC 9077 §3: as long as the denial itself, which is the SOA record's TTL and no more than its MINIMUM, the last field.
        uint ttl = Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(FirstRdataOf(response, soa)[^4..]));
        Span<byte> rdata = stackalloc byte[BlackLie.MaxLength];
        int length = BlackLie.WriteDenial(end, zone.View, query.Type, isDelegation && response.Code == DnsResponseCode.NoError, rdata);
        response.Code = DnsResponseCode.NoError;
        if (query.Type == DnsRecordType.NSEC)
        {
            // The denial is what was asked for.
            for (int i = response.Entries.Length - 1; i >= 0; i--)
            {
                if (response.Entries[i].Section == DnsSection.Authority)
                {
                    response.RemoveAt(i);
                }
            }
        }

        AddNsec(response, query.Type == DnsRecordType.NSEC ? DnsSection.Answer : DnsSection.Authority, end, zone, ttl, rdata[..length], counters);
    }

    private void ProveCut(DnsResponse response, int place, DnssecCounters counters)
    {
        ResponseEntry servers = response.Entries[place];
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.DS)
            {
                return;
            }
        }

        Span<byte> cut = stackalloc byte[DnsNameView.MaxLength];
        DnsNameView owner = response.OwnerOf(servers);
        owner.CopyLowerTo(cut);
        owner = new DnsNameView(cut[..owner.Length]);
        DnsName zone = zones.Find(owner)!;
        Span<byte> rdata = stackalloc byte[BlackLie.MaxLength];
        int length = BlackLie.WriteCut(owner, zone.View, rdata);
        AddNsec(response, DnsSection.Authority, owner, zone, servers.Ttl, rdata[..length], counters);
    }

    private void AddNsec(DnsResponse response, DnsSection section, DnsNameView owner, DnsName zone, uint ttl, ReadOnlySpan<byte> rdata, DnssecCounters counters)
    {
        CanonicalRRset records = t_records ??= new CanonicalRRset();
        records.Begin(zone.View, owner, DnsRecordType.NSEC, DnsRecordClass.IN, RRsetSigner.OriginalTtl);
        if (records.TryAdd(rdata) && response.TryAddSynthesized(section, owner, DnsRecordType.NSEC, DnsRecordClass.IN, ttl, rdata))
        {
            AddSignatures(response, section, owner, ttl, records, counters);
        }
    }

    private void AddSignatures(DnsResponse response, DnsSection section, DnsNameView owner, uint ttl, CanonicalRRset records, DnssecCounters counters)
    {
        foreach (byte[] signature in signer.SignaturesOf(records, counters))
        {
            response.TryAddSynthesized(section, owner, DnsRecordType.RRSIG, DnsRecordClass.IN, ttl, signature);
        }
    }

    private static bool TryAdd(DnsResponse response, in ResponseEntry entry, CanonicalRRset records)
    {
        if (entry.Records is not { } set)
        {
            return records.TryAdd(response.RdataOf(entry));
        }

        foreach (ReadOnlySpan<byte> rdata in set)
        {
            if (!records.TryAdd(rdata))
            {
                return false;
            }
        }

        return true;
    }

    private static ReadOnlySpan<byte> FirstRdataOf(DnsResponse response, in ResponseEntry entry) =>
        entry.Records is { } set ? set.First : response.RdataOf(entry);

    /// <summary>True when no earlier entry is of the same RRset.</summary>
    private static bool IsFirst(DnsResponse response, int index)
    {
        for (int i = 0; i < index; i++)
        {
            if (IsSameSet(response, response.Entries[i], response.Entries[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSameSet(DnsResponse response, in ResponseEntry one, in ResponseEntry other) =>
        one.Type == other.Type && one.Section == other.Section && one.Class == other.Class && response.OwnerOf(one).Equals(response.OwnerOf(other));

    /// <summary>True when the reply has a signature of an entry's RRset.</summary>
    private static bool IsSigned(DnsResponse response, int count, in ResponseEntry entry)
    {
        for (int i = 0; i < count; i++)
        {
            ref readonly ResponseEntry other = ref response.Entries[i];
            if (other.Type == DnsRecordType.RRSIG && other.Section == entry.Section && Covers(response, other, entry.Type)
                && response.OwnerOf(other).Equals(response.OwnerOf(entry)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Covers(DnsResponse response, in ResponseEntry signature, DnsRecordType type)
    {
        ReadOnlySpan<byte> rdata = FirstRdataOf(response, signature);
        return rdata.Length > 2 && BinaryPrimitives.ReadUInt16BigEndian(rdata) == (ushort)type;
    }

    private enum Findings
    {
        /// <summary>Nothing: aliases that lead elsewhere, or no records at all.</summary>
        Nothing,

        /// <summary>The name or the type is not there.</summary>
        Denial,

        /// <summary>Others have the name.</summary>
        Referral,

        /// <summary>What it says is proven already.</summary>
        Proven,
    }
}
