using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>Looks at answers before they go on to the client: leaves out addresses of a family that nobody shall see, follows aliases that an
/// upstream left hanging. Only where a directive says so.</summary>
internal sealed class ForwardReviser(ForwardOptions options, IQueryRunner queries)
{
    // RFC 8914 §4.5.
    private const ushort ForgedAnswer = 4;
    private const int LongestChain = 16;
    private const uint LongestDenial = 300;

    /// <summary>True when a query's answer is to be looked at.</summary>
    public bool Concerns(DnsQuery query) =>
        (options.CompletesAliases && query.Type is not (DnsRecordType.CNAME or DnsRecordType.ANY)) || IsFiltered(query);

    /// <summary>Waits for the answer and looks at it.</summary>
    public async ValueTask<DnsOutcome> ReviseAsync(DnsQuery query, ValueTask<DnsOutcome> pending)
    {
        DnsOutcome outcome = await pending.ConfigureAwait(false);
        if (outcome != DnsOutcome.Replied || query.Response.Code != DnsResponseCode.NoError)
        {
            return outcome;
        }

        if (options.CompletesAliases && TryFindTarget(query, out DnsName? target))
        {
            await CompleteAsync(query, target!).ConfigureAwait(false);
        }

        if (IsFiltered(query))
        {
            Filter(query);
        }

        return outcome;
    }

    private bool IsFiltered(DnsQuery query) => query.Type switch
    {
        DnsRecordType.AAAA => IsBelow(query.LowerName, options.FilterAaaa),
        DnsRecordType.A => IsBelow(query.LowerName, options.FilterA),
        _ => false,
    };

    private static bool IsBelow(DnsNameView name, IReadOnlyList<DnsName> zones)
    {
        for (int i = 0; i < zones.Count; i++)
        {
            if (name.IsSubdomainOf(zones[i].View))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The last name of a chain of aliases that ends without saying whether that name has records.</summary>
    private static bool TryFindTarget(DnsQuery query, out DnsName? target)
    {
        target = null;
        DnsResponse response = query.Response;
        if (!response.TryMaterialize())
        {
            return false;
        }

        DnsName? at = null;
        for (int i = 0; i < LongestChain; i++)
        {
            DnsName? next = null;
            foreach (ref readonly ResponseEntry entry in response.Entries)
            {
                bool isHere = response.OwnerOf(entry).Equals(at is null ? query.LowerName : at.View);
                if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA)
                {
                    return false;
                }

                if (entry.Section != DnsSection.Answer || !isHere)
                {
                    continue;
                }

                if (entry.Type == query.Type)
                {
                    return false;
                }

                if (entry.Type == DnsRecordType.CNAME && entry.Records is null && DnsNameView.TryRead(response.RdataOf(entry), out DnsNameView to))
                {
                    next = DnsName.FromView(to).ToLower();
                }
            }

            if (next is null)
            {
                target = at;
                return at is not null;
            }

            at = next;
        }

        return false;
    }

    /// <summary>Asks the server itself for the records that the aliases lead to.</summary>
    private async ValueTask CompleteAsync(DnsQuery query, DnsName target)
    {
        DnsQuery question = queries.Rent(query, target.View, query.Type);
        try
        {
            DnsOutcome outcome = await queries.RunAsync(question).ConfigureAwait(false);
            DnsResponse found = question.Response;

            // The client can look the rest up itself when we cannot.
            if (outcome != DnsOutcome.Replied || found.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError) || !found.TryMaterialize())
            {
                return;
            }

            DnsResponse response = query.Response;
            response.DropAfterAnswer();
            response.Code = found.Code;
            response.AddFrom(found);
            if ((found.Flags & DnsResponseFlags.AuthenticData) == 0)
            {
                response.Flags &= ~DnsResponseFlags.AuthenticData;
            }

            response.Flags &= ~DnsResponseFlags.Authoritative;
        }
        finally
        {
            queries.Return(question);
        }
    }

    private static bool Covers(ReadOnlySpan<byte> signature, DnsRecordType type) =>
        signature.Length > 2 && BinaryPrimitives.ReadUInt16BigEndian(signature) == (ushort)type;

    /// <summary>Takes the addresses out of the answer; without any the name has no data of this type, whatever else it has.</summary>
    private static void Filter(DnsQuery query)
    {
        DnsResponse response = query.Response;
        if (!response.TryMaterialize())
        {
            return;
        }

        DnsName? owner = null;
        uint life = LongestDenial;
        for (int i = response.Entries.Length - 1; i >= 0; i--)
        {
            ResponseEntry entry = response.Entries[i];
            bool isAddress = entry.Type == query.Type;
            bool isSignature = entry.Type == DnsRecordType.RRSIG && entry.Records is null && Covers(response.RdataOf(entry), query.Type);
            if (entry.Section == DnsSection.Answer && (isAddress || isSignature))
            {
                owner = DnsName.FromView(response.OwnerOf(entry));
                life = Math.Min(life, entry.Ttl);
                response.RemoveAt(i);
            }
        }

        if (owner is null)
        {
            return;
        }

        // A denial is kept only with a SOA record (RFC 2308 §5).
        response.DropAfterAnswer();
        byte[] soa = new byte[22];
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(6), 3600);
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(10), 600);
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(14), 86_400);
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(18), life);
        response.AddSynthesized(DnsSection.Authority, owner.View, DnsRecordType.SOA, query.Class, life, soa);
        response.Flags &= ~DnsResponseFlags.AuthenticData;
        response.AddExtendedError(ForgedAnswer, query.Type == DnsRecordType.AAAA ? "AAAA records are left out"u8 : "A records are left out"u8);
    }
}
