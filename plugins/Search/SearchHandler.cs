using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Search;

/// <summary>Answers a short name with the first search domain that has it.</summary>
/// <remarks>
/// What counts is whether the name exists, not whether it has the type asked for: a name with IPv4 addresses only is found by
/// AAAA questions too, so that both families always lead into the same domain. Some servers say NXDOMAIN for the family that
/// a name lacks (RFC 4074 §4.2); so a denial is believed only when the other family is denied as well.
/// </remarks>
internal sealed class SearchHandler(SearchOptions options, IQueryRunner queries, SearchMetrics metrics, IDnsHandler next) : IDnsHandler
{
    private readonly DnsName[] _domains = [.. options.Domains];
    private readonly int _ndots = options.Ndots;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!IsSearched(query))
        {
            return next.HandleAsync(query);
        }

        var search = new SearchProgress();
        while (TryRentNext(query, ref search, out DnsQuery? question))
        {
            ValueTask<DnsOutcome> pending = queries.RunAsync(question);
            if (!pending.IsCompletedSuccessfully)
            {
                return FinishAsync(query, search, question, pending);
            }

            DnsOutcome? outcome = Judge(query, ref search, question, pending.Result);
            queries.Return(question);
            if (outcome is { } end)
            {
                return new ValueTask<DnsOutcome>(end);
            }
        }

        metrics.Misses.Increment();
        return next.HandleAsync(query);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, SearchProgress search, DnsQuery question, ValueTask<DnsOutcome> pending)
    {
        while (true)
        {
            DnsOutcome answered = await pending.ConfigureAwait(false);
            DnsOutcome? outcome = Judge(query, ref search, question, answered);
            queries.Return(question);
            if (outcome is { } end)
            {
                return end;
            }

            if (!TryRentNext(query, ref search, out DnsQuery? following))
            {
                break;
            }

            question = following;
            pending = queries.RunAsync(question);
        }

        metrics.Misses.Increment();
        return await next.HandleAsync(query).ConfigureAwait(false);
    }

    private bool IsSearched(DnsQuery query)
    {
        // The server's own questions are for names that somebody has decided on.
        if (query.Depth > 0 || query.Class != DnsRecordClass.IN || !NameProbe.IsSearchedType(query.Type))
        {
            return false;
        }

        DnsNameView name = query.LowerName;
        int labels = name.LabelCount;
        if (labels == 0 || labels > _ndots)
        {
            return false;
        }

        // RFC 6761 §6.3: localhost is this machine, whatever domains there are.
        if (name.Skip(labels - 1).FirstLabel.SequenceEqual("localhost"u8))
        {
            return false;
        }

        foreach (DnsName domain in _domains)
        {
            if (name.IsSubdomainOf(domain.View))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes the next question to ask: the next type for this domain's candidate, or the next domain's.</summary>
    private bool TryRentNext(DnsQuery query, ref SearchProgress search, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DnsQuery? question)
    {
        Span<byte> candidate = stackalloc byte[DnsNameView.MaxLength];
        for (; search.Domain < _domains.Length; search.NextDomain())
        {
            DnsRecordType type = NameProbe.TypeOf(query.Type, search.Probe);
            if (type != 0 && NameProbe.TryJoin(query.LowerName.Wire[..^1], _domains[search.Domain].View, candidate, out int length))
            {
                metrics.Lookups.Increment();
                question = queries.Rent(query, new DnsNameView(candidate[..length]), type);
                return true;
            }
        }

        question = null;
        return false;
    }

    /// <summary>Looks at what a question brought.</summary>
    /// <returns>The outcome of the search, or null when it goes on.</returns>
    private DnsOutcome? Judge(DnsQuery query, ref SearchProgress search, DnsQuery question, DnsOutcome outcome)
    {
        switch (NameProbe.FindingOf(question, outcome))
        {
            case NameFinding.Dropped:
                return DnsOutcome.Dropped;
            case NameFinding.Exists:
                metrics.Answers.Increment();

                // When the name showed itself under another type than the one asked for, it has none of the asked one.
                NameProbe.ReplyWith(query, question, isAskedType: search.Probe == 0, search.TtlLimit);
                return DnsOutcome.Replied;
            case NameFinding.Failed:
                // Going on could lead into the wrong domain: to a test system's database, say, while the zone of the real
                // one cannot be reached. The client is told that it may ask again.
                metrics.Failures.Increment();
                return query.Reply(question.Response.Code);
            case NameFinding.DeniedForGood:
                search.LimitTtl(NameProbe.DefaultTtl);
                search.NextDomain();
                return null;
            default:
                search.LimitTtl(NameProbe.DenialTtl(question.Response) ?? NameProbe.DefaultTtl);
                search.NextProbe();
                return null;
        }
    }
}
