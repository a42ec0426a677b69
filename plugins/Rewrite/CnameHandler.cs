using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Leads the aliases in answers elsewhere and looks up what is there, for blocks that have such rules.</summary>
internal sealed class CnameHandler(QuerySlot<RewriteTrail> slot, IQueryRunner queries, IDnsHandler next) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        RewriteTrail? trail = query.Slot(slot);
        return trail is { HasCnames: true } ? FollowAsync(query, trail) : next.HandleAsync(query);
    }

    private async ValueTask<DnsOutcome> FollowAsync(DnsQuery query, RewriteTrail trail)
    {
        DnsOutcome outcome = await next.HandleAsync(query).ConfigureAwait(false);
        if (outcome != DnsOutcome.Replied || Redirect(query.Response, trail) is not { } target || query.Type is DnsRecordType.CNAME or DnsRecordType.ANY)
        {
            return outcome;
        }

        DnsQuery question = queries.Rent(query, target.View, query.Type);
        question.KeepsNameCase = true;
        try
        {
            return Take(query.Response, question, await queries.RunAsync(question).ConfigureAwait(false));
        }
        finally
        {
            queries.Return(question);
        }
    }

    /// <summary>Changes the target of the first alias that a rule is for, and drops the answer's records behind it.</summary>
    /// <returns>The new target; null when no rule is for any alias.</returns>
    private static DnsName? Redirect(DnsResponse response, RewriteTrail trail)
    {
        if (response.Form == ResponseForm.Empty || !response.TryMaterialize())
        {
            return null;
        }

        for (int i = 0; i < response.Entries.Length; i++)
        {
            ResponseEntry entry = response.Entries[i];
            if (entry.Section != DnsSection.Answer || entry.Type != DnsRecordType.CNAME)
            {
                continue;
            }

            ReadOnlySpan<byte> rdata = entry.Records is { } set ? set.First : response.RdataOf(entry);
            if (DnsNameView.TryRead(rdata, out DnsNameView target)
                && NewTarget(target, trail) is { } changed
                && response.TrySplit(i)
                && response.TrySetRdata(i, changed.Wire))
            {
                for (int last = response.Entries.Length - 1; last > i; last--)
                {
                    if (response.Entries[last].Section == DnsSection.Answer)
                    {
                        response.RemoveAt(last);
                    }
                }

                response.Flags &= ~DnsResponseFlags.AuthenticData;
                return changed;
            }
        }

        return null;
    }

    private static DnsName? NewTarget(DnsNameView target, RewriteTrail trail)
    {
        Span<byte> lower = stackalloc byte[DnsNameView.MaxLength];
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        target.CopyLowerTo(lower);
        LowerText name = new(stackalloc byte[DnsNameText.MaxChars]);
        name.Set(new DnsNameView(lower[..target.Length]));
        ReadOnlySpan<RewriteTrail.Step> steps = trail.Steps;
        for (int i = steps.Length - 1; i >= 0; i--)
        {
            if (steps[i].Rule is CnameRule rule && rule.Pattern.Rewrite(ref name, wire, out int length) == NameChange.Changed)
            {
                return new DnsNameView(wire[..length]).ToName();
            }
        }

        return null;
    }

    /// <summary>Puts what the new target has behind the alias.</summary>
    private static DnsOutcome Take(DnsResponse response, DnsQuery question, DnsOutcome outcome)
    {
        DnsResponse found = question.Response;
        if (outcome == DnsOutcome.Dropped)
        {
            return outcome;
        }

        // What stands behind the answer section was about the former target.
        response.DropAfterAnswer();

        // A target that this server has nothing to say about is the client's to look up.
        if (outcome == DnsOutcome.Unclaimed || found.Code == DnsResponseCode.Refused)
        {
            response.Code = DnsResponseCode.NoError;
            return DnsOutcome.Replied;
        }

        if (!found.TryMaterialize())
        {
            response.SetEmpty(DnsResponseCode.ServerFailure);
            return DnsOutcome.Replied;
        }

        // RFC 6604 §3: the code is that of the last name.
        response.Code = found.Code;
        response.Flags = (response.Flags & ~DnsResponseFlags.Truncated) | (found.Flags & DnsResponseFlags.Truncated);
        response.AddFrom(found, DnsSection.Answer);
        response.AddFrom(found, DnsSection.Authority);
        return DnsOutcome.Replied;
    }
}
