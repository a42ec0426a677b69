using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Minimal;

/// <summary>Takes from a positive answer what the client did not ask for: the authority and additional sections.</summary>
/// <remarks>Referrals, denials and errors stay whole. For a client that wants DNSSEC the proof that a wildcard was rightly used
/// stays too (RFC 4035 §3.1.3.3).</remarks>
internal sealed class MinimalHandler(IDnsHandler next) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        if (outcome == DnsOutcome.Replied
            && response.Code == DnsResponseCode.NoError
            && response.Form != ResponseForm.Empty
            && query.Type is not (DnsRecordType.AXFR or DnsRecordType.IXFR))
        {
            Authority authority = response.Form == ResponseForm.Wire ? LookAtWire(response) : LookAtRecords(response);
            if ((authority & Authority.Decides) != 0)
            {
                return outcome;
            }

            if (query.DnssecOk && (authority & Authority.Proof) != 0)
            {
                KeepProofs(response);
            }
            else
            {
                response.DropAfterAnswer();
            }
        }

        return outcome;
    }

    private static Authority LookAtRecords(DnsResponse response)
    {
        Authority found = default;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                found |= Authority.HasAnswer;
            }
            else if (entry.Section == DnsSection.Authority)
            {
                found |= Meaning(entry.Type);
            }
        }

        return Settle(found);
    }

    private static Authority LookAtWire(DnsResponse response)
    {
        ReadOnlySpan<byte> message = response.WireMessage;
        DnsHeader.TryRead(message, out DnsHeader header);
        Authority found = header.AnswerCount > 0 ? Authority.HasAnswer : default;
        foreach (ushort offset in response.WireTtlOffsets.Slice(header.AnswerCount, header.AuthorityCount))
        {
            found |= Meaning((DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(offset - 4)..]));
        }

        return Settle(found);
    }

    private static Authority Meaning(DnsRecordType type) => type switch
    {
        DnsRecordType.SOA or DnsRecordType.NS => Authority.Decides,
        DnsRecordType.NSEC or DnsRecordType.NSEC3 => Authority.Proof,
        _ => default,
    };

    /// <summary>SOA and NS make a response without answer a denial or a referral; beside an answer they mean nothing.</summary>
    private static Authority Settle(Authority found) =>
        (found & Authority.HasAnswer) != 0 ? found & ~Authority.Decides : found;

    private static void KeepProofs(DnsResponse response)
    {
        if (!response.TryMaterialize())
        {
            return;
        }

        for (int i = response.Entries.Length - 1; i >= 0; i--)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            if (entry.Section == DnsSection.Additional || (entry.Section == DnsSection.Authority && !IsProof(response, entry)))
            {
                response.RemoveAt(i);
            }
        }
    }

    private static bool IsProof(DnsResponse response, in ResponseEntry entry)
    {
        DnsRecordType type = entry.Type;
        if (type == DnsRecordType.RRSIG)
        {
            ReadOnlySpan<byte> rdata = entry.Records is { } set ? set.First : response.RdataOf(entry);
            type = rdata.Length > 2 ? (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(rdata) : type;    // the type covered
        }

        return type is DnsRecordType.NSEC or DnsRecordType.NSEC3;
    }

    [Flags]
    private enum Authority
    {
        HasAnswer = 1,
        Decides = 2,
        Proof = 4,
    }
}
