using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Applies the rules to queries, and undoes on the way back what clients must not see.</summary>
/// <remarks>A query that no rule is for allocates nothing and keeps nothing. The names of zone transfers are left alone: half of a
/// transfer under other names would be no zone at all.</remarks>
internal sealed class RewriteHandler : WrappingHandler
{
    private const int MaxIdleTrails = 4096;

    private static readonly DnsFailure BadName = new(DnsResponseCode.ServerFailure, "a rule makes of the name what is no domain name");
    private static readonly DnsFailure TooLarge = new(DnsResponseCode.ServerFailure, "the answer is too large to be rewritten");

    private readonly IdlePool<RewriteTrail> _idle = new(MaxIdleTrails);
    private readonly RewriteRule[] _rules;
    private readonly QuerySlot<RewriteTrail> _slot;
    private readonly bool _needsText;

    public RewriteHandler(IReadOnlyList<RewriteRule> rules, QuerySlot<RewriteTrail> slot, IDnsHandler next)
        : base(next)
    {
        _rules = [.. rules];
        _slot = slot;
        _needsText = _rules.Any(r => r.NeedsText);
    }

    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return null;
        }

        RewriteRun run = new(query, _idle, _needsText ? stackalloc byte[DnsNameText.MaxChars] : default);
        foreach (RewriteRule rule in _rules)
        {
            RuleOutcome outcome = rule.Apply(ref run);
            if (outcome == RuleOutcome.BadName)
            {
                if (run.Taken is { } undone)
                {
                    Restore(query, undone);
                    _idle.Return(undone);
                }

                return query.Fail(BadName);
            }

            if (outcome == RuleOutcome.Done && !rule.Continues)
            {
                break;
            }
        }

        if (run.Taken is { } trail)
        {
            query.Slot(_slot) = trail;
        }

        return null;
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        ref RewriteTrail? place = ref query.Slot(_slot);
        if (place is not { } trail)
        {
            return outcome;
        }

        place = null;
        Restore(query, trail);
        if (outcome != DnsOutcome.Dropped)
        {
            outcome = Revert(query, trail, outcome);
        }

        _idle.Return(trail);
        return outcome;
    }

    private static void Restore(DnsQuery query, RewriteTrail trail)
    {
        query.SetQuestion(trail.Name, trail.Type, trail.Class);
        if (trail.Options.IsUsed)
        {
            query.ResetEdnsOptions();
        }
    }

    private static DnsOutcome Revert(DnsQuery query, RewriteTrail trail, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Unclaimed)
        {
            if (!trail.HasCodes)
            {
                return outcome;
            }

            // What the server would say is what a rule for response codes may be about.
            outcome = query.Reply(DnsResponseCode.ServerFailure);
        }

        if (trail.Steps.Length > 0)
        {
            DnsResponse response = query.Response;
            if (!response.TryMaterialize())
            {
                return query.Fail(TooLarge);
            }

            AnswerEdit edit = new(response, stackalloc byte[DnsNameText.MaxChars], stackalloc byte[DnsNameView.MaxLength]);
            ReadOnlySpan<RewriteTrail.Step> steps = trail.Steps;
            for (int i = steps.Length - 1; i >= 0; i--)
            {
                steps[i].Rule.Revert(ref edit, trail.Before(steps[i]), trail.After(steps[i]));
            }

            if (edit.IsTooLarge)
            {
                return query.Fail(TooLarge);
            }

            if (edit.IsChanged)
            {
                response.Flags &= ~DnsResponseFlags.AuthenticData;
            }
        }

        if (trail.Options.IsUsed)
        {
            trail.Options.CompleteReply(query);
        }

        return outcome;
    }
}
