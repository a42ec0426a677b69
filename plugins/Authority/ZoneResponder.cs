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

    private ValueTask<DnsOutcome> AnswerAsync(DnsQuery query, Zone zone)
    {
        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);
        var sink = new ResponseSink(response);
        Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
        ZoneAnswer answer = ZoneLookup.Find(zone, query.LowerName, query.NameHash, query.Type, query.DnssecOk, scratch, ref sink);
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
                return LeaveAsync(query, zone, new DnsNameView(scratch[..answer.TargetLength]));
            default:
                break;
        }

        bool isMissing = answer.Outcome == ZoneOutcome.NameError || answer.IsEmptyName;
        if (isMissing && answer.Aliases == 0 && fallthrough.Covers(query.LowerName))
        {
            response.SetEmpty(DnsResponseCode.NoError);
            return next.HandleAsync(query);
        }

        response.Flags = DnsResponseFlags.Authoritative;
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    /// <summary>Asks the server for the target of an alias, in whatever zone or plugin it finds it.</summary>
    private ValueTask<DnsOutcome> LeaveAsync(DnsQuery query, Zone zone, DnsNameView target)
    {
        DnsQuery question = queries.Rent(query, target, query.Type);
        ValueTask<DnsOutcome> pending = queries.RunAsync(question);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Join(query, zone, question, pending.Result))
            : FinishAsync(query, zone, question, pending);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, Zone zone, DnsQuery question, ValueTask<DnsOutcome> pending) =>
        Join(query, zone, question, await pending.ConfigureAwait(false));

    /// <summary>Puts what the target has behind the aliases; the code is that of the last name (RFC 6604 §3).</summary>
    private DnsOutcome Join(DnsQuery query, Zone zone, DnsQuery question, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        DnsResponse found = question.Response;

        // A target that this server does not know of is the client's to look up: the aliases alone are the answer.
        bool isKnown = outcome == DnsOutcome.Replied && found.Code != DnsResponseCode.Refused && found.TryMaterialize();
        bool isAnswered = false;
        if (isKnown)
        {
            response.Code = found.Code;
            response.AddFrom(found, DnsSection.Answer);
            isAnswered = HasAnswer(found);
            if (!isAnswered)
            {
                response.AddFrom(found, DnsSection.Authority);
                response.AddFrom(found, DnsSection.Additional);
            }
        }

        if (!isKnown || isAnswered)
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
