using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Plugins.Authority;

/// <summary>Answers queries from zones: what <c>file</c>, <c>auto</c> and others that serve zones have in common.</summary>
/// <param name="queries">Asks the server itself for the targets of aliases that lead out of a zone.</param>
/// <param name="fallthrough">The names whose queries go on when a zone does not have them.</param>
/// <param name="next">The rest of the chain.</param>
internal sealed class ZoneResponder(IQueryRunner queries, Fallthrough fallthrough, IDnsHandler next)
{
    private static readonly DnsFailure Circle = new(DnsResponseCode.ServerFailure, "the aliases of the name lead back to themselves");
    private static readonly DnsFailure NoData = new(DnsResponseCode.ServerFailure, "the zone has no data: its file was never read, or its data has expired");

    /// <summary>Answers from the zone that a name belongs to.</summary>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query, ServedZone served)
    {
        // Transfers are for the transfer plugin, which comes earlier in the chain.
        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return new ValueTask<DnsOutcome>(query.Refuse());
        }

        return served.Current is { } zone ? AnswerAsync(query, zone) : new ValueTask<DnsOutcome>(query.Fail(NoData));
    }

    /// <summary>Leaves a name that is in none of the zones to the rest of the chain; where nothing follows, REFUSED says that this server is not the one to ask.</summary>
    public ValueTask<DnsOutcome> PassOnAsync(DnsQuery query) => next is EndOfChain ? new ValueTask<DnsOutcome>(query.Refuse()) : next.HandleAsync(query);

    private ValueTask<DnsOutcome> AnswerAsync(DnsQuery query, Zone zone)
    {
        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);
        var sink = new ResponseSink(response);
        Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
        ZoneAnswer answer = ZoneLookup.Find(zone, query.LowerName, query.NameHash, query.Type, query.DnssecOk, scratch, ref sink);
        if (answer.IsCircle)
        {
            return new ValueTask<DnsOutcome>(query.Fail(Circle));
        }

        switch (answer.Outcome)
        {
            case ZoneOutcome.Delegation when answer.Aliases == 0:
                return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
            case ZoneOutcome.NameError:
                response.Code = DnsResponseCode.NameError;
                break;
            case ZoneOutcome.TooLong:
                response.Code = DnsResponseCode.NameExists;
                break;
            case ZoneOutcome.Leaves:
                return LeaveAsync(query, zone, answer, scratch);
            default:
                break;
        }

        bool isMissing = answer.Outcome == ZoneOutcome.NameError || answer.IsEmptyName;
        if (isMissing && answer.Aliases == 0 && fallthrough.Covers(query.LowerName))
        {
            response.SetEmpty(DnsResponseCode.NoError);
            return next.HandleAsync(query);
        }

        if (answer.TargetLength > 0)
        {
            // RFC 1034 §4.3.2 step 3a: the search for the target starts anew, with the nearest zone to it.
            return LeaveAsync(query, zone, answer, scratch);
        }

        response.Flags = DnsResponseFlags.Authoritative;
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    /// <summary>Asks the server for the target of an alias, in whatever zone or plugin it finds it.</summary>
    private ValueTask<DnsOutcome> LeaveAsync(DnsQuery query, Zone zone, in ZoneAnswer answer, Span<byte> scratch)
    {
        // Where the chain ends within the zone, what the zone says of its end stands until another one knows better.
        bool isOut = answer.Outcome == ZoneOutcome.Leaves;
        int aliases = isOut ? query.Response.Entries.Length : EndOfAliases(query.Response);
        DnsQuery question = queries.Rent(query, new DnsNameView(scratch[..answer.TargetLength]), query.Type);
        ValueTask<DnsOutcome> pending = queries.RunAsync(question);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Join(query, zone, question, aliases, isOut, pending.Result))
            : FinishAsync(query, zone, question, aliases, isOut, pending);
    }

    /// <summary>How many entries belong to the aliases of a chain, proofs of wildcards included: those before the SOA of a denial or the NS of a referral.</summary>
    private static int EndOfAliases(DnsResponse response)
    {
        ReadOnlySpan<ResponseEntry> entries = response.Entries;
        int end = 0;
        while (end < entries.Length && !(entries[end].Section == DnsSection.Authority && entries[end].Type is DnsRecordType.SOA or DnsRecordType.NS))
        {
            end++;
        }

        return end;
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, Zone zone, DnsQuery question, int aliases, bool isOut, ValueTask<DnsOutcome> pending) =>
        Join(query, zone, question, aliases, isOut, await pending.ConfigureAwait(false));

    /// <summary>Puts what the target has behind the aliases; the code is that of the last name (RFC 6604 §3).</summary>
    private DnsOutcome Join(DnsQuery query, Zone zone, DnsQuery question, int aliases, bool isOut, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        DnsResponse found = question.Response;

        // A target that this server does not know of is the client's to look up: the aliases alone are the answer.
        bool isKnown = outcome == DnsOutcome.Replied && found.Code != DnsResponseCode.Refused && found.TryMaterialize();
        bool isAnswered = false;
        if (isKnown)
        {
            while (response.Entries.Length > aliases)
            {
                response.RemoveAt(response.Entries.Length - 1);
            }

            response.Code = found.Code;
            response.AddFrom(found, DnsSection.Answer);
            isAnswered = HasAnswer(found);
            if (!isAnswered)
            {
                response.AddFrom(found, DnsSection.Authority);
                response.AddFrom(found, DnsSection.Additional);
            }
        }

        if (isKnown ? isAnswered : isOut)
        {
            var sink = new ResponseSink(response);
            ZoneLookup.AddNameServers(zone, query.DnssecOk, ref sink);
        }

        queries.Return(question);
        response.Flags = DnsResponseFlags.Authoritative;
        return DnsOutcome.Replied;
    }

    private static bool HasAnswer(DnsResponse response)
    {
        if (response.Code == DnsResponseCode.NameError)
        {
            return false;
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
}
