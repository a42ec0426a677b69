using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dns64;

/// <summary>Makes IPv6 addresses from IPv4 addresses for clients behind a NAT64 (RFC 6147).</summary>
internal sealed class Dns64Handler(IDnsHandler next, Dns64Options options, IQueryRunner queries, PerServer<StripedCounter> translated) : IDnsHandler
{
    /// <summary>The longest TTL of an address whose denial has no SOA record, in seconds (RFC 6147 §5.1.7).</summary>
    private const uint DefaultTtl = 600;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!IsForTranslation(query))
        {
            return next.HandleAsync(query);
        }

        ValueTask<DnsOutcome> pending = next.HandleAsync(query);
        return pending.IsCompletedSuccessfully ? LookAgainAsync(query, pending.Result) : AwaitAsync(query, pending);
    }

    private bool IsForTranslation(DnsQuery query)
    {
        if (query.Type is not (DnsRecordType.AAAA or DnsRecordType.PTR)
            || query.Class != DnsRecordClass.IN
            || !(query.Client.IsIPv6 || options.AllowIPv4)
            || (query.DnssecOk && query.Header.CheckingDisabled))       // validates by itself: RFC 6147 §3 item 3
        {
            return false;
        }

        Span<byte> address = stackalloc byte[4];
        return query.Type == DnsRecordType.AAAA || options.Prefix.TryReadReverse(query.LowerName, address);
    }

    private async ValueTask<DnsOutcome> AwaitAsync(DnsQuery query, ValueTask<DnsOutcome> pending) =>
        await LookAgainAsync(query, await pending.ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Looks at the answer to the client's question, and asks the other one when it is not enough.</summary>
    private ValueTask<DnsOutcome> LookAgainAsync(DnsQuery query, DnsOutcome outcome)
    {
        if (outcome != DnsOutcome.Replied || !IsWanting(query))
        {
            return new ValueTask<DnsOutcome>(outcome);
        }

        DnsQuery question = query.Type == DnsRecordType.AAAA ? queries.Rent(query, query.LowerName, DnsRecordType.A) : RentReverse(query);
        ValueTask<DnsOutcome> pending = queries.RunAsync(question);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Join(query, question, pending.Result))
            : FinishAsync(query, question, pending);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, DnsQuery question, ValueTask<DnsOutcome> pending) =>
        Join(query, question, await pending.ConfigureAwait(false));

    private DnsQuery RentReverse(DnsQuery query)
    {
        Span<byte> address = stackalloc byte[4];
        Span<byte> name = stackalloc byte[32];
        options.Prefix.TryReadReverse(query.LowerName, address);
        int length = TranslationPrefix.WriteReverse(address, name);
        return queries.Rent(query, new DnsNameView(name[..length]), DnsRecordType.PTR);
    }

    private bool IsWanting(DnsQuery query)
    {
        DnsResponse response = query.Response;
        if ((response.Flags & DnsResponseFlags.NoSuchName) != 0)
        {
            return false;
        }

        if (query.Type == DnsRecordType.PTR)
        {
            return !ResponseAddresses.HasAnswer(response);
        }

        // RFC 6147 §5.1.2: a name that does not exist has no IPv4 addresses either; any other error is like an empty answer.
        if (response.Code == DnsResponseCode.NameError)
        {
            return false;
        }

        (int usable, int excluded) = ResponseAddresses.Count(response);
        if (options.TranslateAll)
        {
            return true;
        }

        if (usable > 0)
        {
            if (excluded > 0)
            {
                ResponseAddresses.DropExcluded(response);
            }

            return false;
        }

        // What was cut off may hold addresses; the client asks again over TCP.
        return (response.Flags & DnsResponseFlags.Truncated) == 0;
    }

    private DnsOutcome Join(DnsQuery query, DnsQuery question, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Replied && (question.Response.Flags & DnsResponseFlags.NoSuchName) == 0 && question.Response.TryMaterialize())
        {
            if (query.Type == DnsRecordType.PTR)
            {
                JoinName(query, question);
            }
            else
            {
                JoinAddresses(query, question);
            }
        }

        queries.Return(question);
        return DnsOutcome.Replied;
    }

    private void JoinAddresses(DnsQuery query, DnsQuery question)
    {
        DnsResponse response = query.Response;
        DnsResponse found = question.Response;

        // RFC 6147 §5.1.6: what the second question brought stands for both, unless that would take addresses away.
        bool hasIPv4 = ResponseAddresses.Has(found, DnsRecordType.A);
        if (!hasIPv4 && options.TranslateAll && ResponseAddresses.Count(response).Usable > 0)
        {
            return;
        }

        uint limit = ResponseAddresses.DenialTtl(response) ?? DefaultTtl;
        TakeOver(query, question);
        foreach (ref readonly ResponseEntry entry in found.Entries)
        {
            if (entry.Section != DnsSection.Answer)
            {
                continue;
            }

            DnsNameView owner = found.OwnerOf(entry);
            if (entry.Type == DnsRecordType.A && entry.Class == DnsRecordClass.IN)
            {
                AddTranslated(response, found, entry, owner, Math.Min(entry.Ttl, limit));
            }
            else if (!(entry.Type == DnsRecordType.RRSIG && ResponseAddresses.Covers(found, entry, DnsRecordType.A)))
            {
                AddUnchanged(response, found, entry, owner);
            }
        }

        // RFC 6147 §5.3.2: the other sections as they came.
        response.AddFrom(found, DnsSection.Authority);
        response.AddFrom(found, DnsSection.Additional);
        if (hasIPv4)
        {
            translated[query.Endpoint].Increment();
        }
    }

    private void AddTranslated(DnsResponse response, DnsResponse found, in ResponseEntry entry, DnsNameView owner, uint ttl)
    {
        if (entry.Records is not { } set)
        {
            AddTranslated(response, owner, ttl, found.RdataOf(entry));
            return;
        }

        if (entry.Order.IsAsKept || set.Count > RRsetOrder.MaxCount)
        {
            foreach (ReadOnlySpan<byte> address in set)
            {
                AddTranslated(response, owner, ttl, address);
            }

            return;
        }

        Span<byte> kept = stackalloc byte[RRsetOrder.MaxCount * 4];
        int count = 0;
        foreach (ReadOnlySpan<byte> address in set)
        {
            address.CopyTo(kept[(4 * count++)..]);
        }

        for (int place = 0; place < count; place++)
        {
            AddTranslated(response, owner, ttl, kept.Slice(4 * entry.Order[place], 4));
        }
    }

    private void AddTranslated(DnsResponse response, DnsNameView owner, uint ttl, ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            Span<byte> rdata = stackalloc byte[16];
            options.Prefix.Embed(address, rdata);
            response.AddSynthesized(DnsSection.Answer, owner, DnsRecordType.AAAA, DnsRecordClass.IN, ttl, rdata);
        }
    }

    private static void AddUnchanged(DnsResponse response, DnsResponse found, in ResponseEntry entry, DnsNameView owner)
    {
        if (entry.Records is { } set)
        {
            response.Add(DnsSection.Answer, set, owner);
            response.SetTtl(response.Entries.Length - 1, entry.Ttl);
        }
        else
        {
            response.AddSynthesized(DnsSection.Answer, owner, entry.Type, entry.Class, entry.Ttl, found.RdataOf(entry));
        }
    }

    /// <summary>RFC 6147 §5.3.1: an alias to the name of the IPv4 address, and what that has.</summary>
    private void JoinName(DnsQuery query, DnsQuery question)
    {
        DnsResponse found = question.Response;
        if (found.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
        {
            return;
        }

        uint ttl = Math.Min(DefaultTtl, ResponseAddresses.ShortestAnswerTtl(found));
        TakeOver(query, question);
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.CNAME, DnsRecordClass.IN, ttl, question.LowerName.Wire);
        query.Response.AddFrom(found);
        translated[query.Endpoint].Increment();
    }

    /// <summary>Makes the reply the second question's, still without records. Nobody vouches for what is made up: AD is not set.</summary>
    private static void TakeOver(DnsQuery query, DnsQuery question)
    {
        query.ClearFailure();
        if (question.Failure is { } failure)
        {
            query.Fail(failure);
        }

        query.Response.SetEmpty(question.Response.Code);
        query.Response.Flags = question.Response.Flags & ~DnsResponseFlags.AuthenticData;
    }
}
