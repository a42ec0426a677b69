using System.Diagnostics.CodeAnalysis;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Autopath;

/// <summary>Goes along a client's search path in its place, from the first step that the client asked.</summary>
/// <remarks>The asked name goes down the chain as any other, and when it exists that is all. Only then are the next names tried, each through the
/// whole server: through its access rules, and through its cache, in which the client finds them if it has to ask for them after all.
/// <para>Whatever the walk cannot be sure of is left to the client: the denial of the asked name makes it walk by itself, and then it ends where it
/// would have ended anyway. So it is when a name exists without what was asked for: some resolvers stop there (musl), others go on (glibc), those that
/// ask for both families stop where either has an address, those that ask for one do not.</para></remarks>
internal sealed class AutopathHandler(AutopathOptions options, SearchPath path, IQueryRunner queries, PerServer<StripedCounter> successes, IDnsHandler next) : IDnsHandler
{
    private readonly DnsName[] _zones = [.. options.Zones];

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!IsCompleted(query, out AutopathWalk walk))
        {
            return next.HandleAsync(query);
        }

        ValueTask<DnsOutcome> first = next.HandleAsync(query);
        if (!first.IsCompletedSuccessfully)
        {
            return FinishAsync(query, walk, first);
        }

        DnsOutcome own = first.Result;
        if (!GoesOn(query, ref walk, own))
        {
            return new ValueTask<DnsOutcome>(own);
        }

        while (TryRentNext(query, ref walk, out DnsQuery? question))
        {
            ValueTask<DnsOutcome> pending = queries.RunAsync(question);
            if (!pending.IsCompletedSuccessfully)
            {
                return WalkAsync(query, own, walk, question, pending);
            }

            DnsOutcome? outcome = Judge(query, own, ref walk, question, pending.Result);
            queries.Return(question);
            if (outcome is { } end)
            {
                return new ValueTask<DnsOutcome>(end);
            }
        }

        return new ValueTask<DnsOutcome>(own);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, AutopathWalk walk, ValueTask<DnsOutcome> first)
    {
        DnsOutcome own = await first.ConfigureAwait(false);
        return GoesOn(query, ref walk, own) && TryRentNext(query, ref walk, out DnsQuery? question)
            ? await WalkAsync(query, own, walk, question, queries.RunAsync(question)).ConfigureAwait(false)
            : own;
    }

    private async ValueTask<DnsOutcome> WalkAsync(DnsQuery query, DnsOutcome own, AutopathWalk walk, DnsQuery question, ValueTask<DnsOutcome> pending)
    {
        while (true)
        {
            DnsOutcome answered = await pending.ConfigureAwait(false);
            DnsOutcome? outcome = Judge(query, own, ref walk, question, answered);
            queries.Return(question);
            if (outcome is { } end)
            {
                return end;
            }

            if (!TryRentNext(query, ref walk, out DnsQuery? following))
            {
                return own;
            }

            question = following;
            pending = queries.RunAsync(question);
        }
    }

    private bool IsCompleted(DnsQuery query, out AutopathWalk walk)
    {
        walk = default;

        // The server's own questions are for names that somebody has decided on. A rewritten name is not the one of the client's walk.
        if (query.Depth > 0 || query.Class != DnsRecordClass.IN || !NameProbe.IsSearchedType(query.Type) || !query.AskedName.Equals(query.LowerName))
        {
            return false;
        }

        foreach (DnsName zone in _zones)
        {
            if (query.LowerName.IsSubdomainOf(zone.View))
            {
                bool isFirst = path.IsFirstStep(query, out int headLength, out bool isSure);
                walk = new AutopathWalk(headLength, isSure);
                return isFirst;
            }
        }

        return false;
    }

    /// <summary>True when the asked name does not exist, as far as its own type tells.</summary>
    private bool GoesOn(DnsQuery query, ref AutopathWalk walk, DnsOutcome own)
    {
        // a glance that leaves an answer of an upstream or a cache as it is
        return (own != DnsOutcome.Replied || query.Response.Code != DnsResponseCode.NoError)
            && Note(query.Type, query, ref walk, NameProbe.FindingOf(query, own));
    }

    /// <summary>Notes what a denial of the asked type means for the walk.</summary>
    /// <returns>False when it is none.</returns>
    private bool Note(DnsRecordType asked, DnsQuery question, ref AutopathWalk walk, NameFinding finding)
    {
        switch (finding)
        {
            case NameFinding.DeniedForGood:
                walk.LimitTtl(path.AliasTtl(NameProbe.DefaultTtl));
                walk.NextElement();
                return true;
            case NameFinding.Denied:
                walk.LimitTtl(path.AliasTtl(NameProbe.DenialTtl(question.Response)));
                GoOn(asked, ref walk, hasNoData: false);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Goes on to the other address family of the same name, or to the next name where there is nothing more to know of this one.</summary>
    private void GoOn(DnsRecordType asked, ref AutopathWalk walk, bool hasNoData)
    {
        // behind the last name comes nothing that a wrong denial could lead to
        if (asked is DnsRecordType.A or DnsRecordType.AAAA && !IsLast(walk))
        {
            walk.AskOther(hasNoData);
        }
        else
        {
            walk.NextElement();
        }
    }

    private bool IsLast(in AutopathWalk walk) => walk.Element == path.Count - 1;

    /// <summary>Takes the next question to ask: the next type for this name, or the next name.</summary>
    private bool TryRentNext(DnsQuery query, ref AutopathWalk walk, [NotNullWhen(true)] out DnsQuery? question)
    {
        Span<byte> candidate = stackalloc byte[DnsNameView.MaxLength];
        for (; walk.Element < path.Count; walk.NextElement())
        {
            if (IsInDoubt(walk) && TryWriteOther(query, ref walk, candidate, out int other))
            {
                question = queries.Rent(query, new DnsNameView(candidate[..other]), walk.Doubt == AutopathDoubt.TopLevel ? DnsRecordType.A : query.Type);
                return true;
            }

            DnsRecordType type = !walk.AsksOther ? query.Type : query.Type == DnsRecordType.A ? DnsRecordType.AAAA : DnsRecordType.A;
            if (walk.Element < 0)
            {
                question = queries.Rent(query, query.AskedName, type);
                return true;
            }

            if (NameProbe.TryJoin(query.AskedName.Wire[..walk.HeadLength], path.ElementAt(query, walk.HeadLength, walk.Element), candidate, out int length))
            {
                question = queries.Rent(query, new DnsNameView(candidate[..length]), type);
                return true;
            }
        }

        question = null;
        return false;
    }

    /// <summary>True before the last name is asked for, when another client's name could be meant.</summary>
    private bool IsInDoubt(in AutopathWalk walk) => IsLast(walk) && walk.Doubt != AutopathDoubt.None;

    /// <summary>Writes the name that tells whether another client's name is there: the namespace as a top-level domain, or that name itself.</summary>
    /// <returns>False when there can be none: top-level domains are of letters (RFC 1123 §2.1), or of the form <c>xn--…</c>.</returns>
    private static bool TryWriteOther(DnsQuery query, ref AutopathWalk walk, Span<byte> name, out int length)
    {
        ReadOnlySpan<byte> wire = query.LowerName.Wire;
        ReadOnlySpan<byte> label = wire.Slice(walk.HeadLength + 1, wire[walk.HeadLength]);
        if (label.ContainsAnyExceptInRange((byte)'a', (byte)'z') && !label.StartsWith("xn--"u8))
        {
            walk.SetDoubt(AutopathDoubt.None);
            length = 0;
            return false;
        }

        ReadOnlySpan<byte> meant = wire[(walk.Doubt == AutopathDoubt.TopLevel ? walk.HeadLength : 0)..(walk.HeadLength + 1 + label.Length)];
        meant.CopyTo(name);
        name[meant.Length] = 0;
        length = meant.Length + 1;
        return true;
    }

    private DnsOutcome? JudgeOther(DnsOutcome own, ref AutopathWalk walk, DnsQuery question, NameFinding finding)
    {
        if (finding is NameFinding.Denied or NameFinding.DeniedForGood)
        {
            walk.LimitTtl(path.AliasTtl(NameProbe.DenialTtl(question.Response)));
            walk.SetDoubt(AutopathDoubt.None);
            return null;
        }

        if (walk.Doubt == AutopathDoubt.TopLevel)
        {
            walk.SetDoubt(AutopathDoubt.OtherName);
            return null;
        }

        return own;
    }

    /// <summary>Looks at what a question brought.</summary>
    /// <returns>The outcome of the walk, or null when it goes on.</returns>
    private DnsOutcome? Judge(DnsQuery query, DnsOutcome own, ref AutopathWalk walk, DnsQuery question, DnsOutcome outcome)
    {
        NameFinding finding = NameProbe.FindingOf(question, outcome);
        if (IsInDoubt(walk))
        {
            return JudgeOther(own, ref walk, question, finding);
        }

        if (finding == NameFinding.Dropped)
        {
            return DnsOutcome.Dropped;
        }

        bool hasData = finding == NameFinding.Exists && question.Response.Code == DnsResponseCode.NoError && NameProbe.HasAnswer(question.Response);
        if (walk.AsksOther)
        {
            return JudgeFamily(query, own, ref walk, finding, hasData);
        }

        if (Note(query.Type, question, ref walk, finding))
        {
            return null;
        }

        if (finding == NameFinding.Failed)
        {
            // The name that cannot be asked for may be the one that is meant: going on could lead elsewhere. Told of the failure, the client goes on
            // by itself or gives up, as it would have done at that name.
            return query.Reply(question.Response.Code);
        }

        if (question.Response.Code != DnsResponseCode.NoError || (!walk.IsSure && !IsLast(walk)))
        {
            return own;
        }

        if (hasData || IsLast(walk))
        {
            successes[query.Endpoint].Increment();
            query.ClearFailure();
            query.Response.Clear();
            NameProbe.ReplyWith(query, question, isAskedType: true, walk.TtlLimit);
            return DnsOutcome.Replied;
        }

        if (query.Type is not (DnsRecordType.A or DnsRecordType.AAAA))
        {
            return own;
        }

        GoOn(query.Type, ref walk, hasNoData: true);
        return null;
    }

    /// <summary>Looks at what the other address family of a name brought, of which the asked one has nothing.</summary>
    private static DnsOutcome? JudgeFamily(DnsQuery query, DnsOutcome own, ref AutopathWalk walk, NameFinding finding, bool hasData)
    {
        if (!walk.HasNoData && finding is (NameFinding.Denied or NameFinding.DeniedForGood))
        {
            walk.NextElement();
            return null;
        }

        // A question for the other family is answered with this name: the asked one must not say that there is no such name. It says so without an
        // alias: a resolver that wants this family alone goes on then.
        if (walk.HasNoData && hasData && own == DnsOutcome.Replied && query.Response.Code == DnsResponseCode.NameError)
        {
            query.Response.Code = DnsResponseCode.NoError;
        }

        return own;
    }
}
