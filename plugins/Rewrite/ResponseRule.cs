using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Changes an answer.</summary>
internal delegate void AnswerChange(ref AnswerEdit edit);

/// <summary><c>ttl</c> and <c>rcode</c>: change answers for some names, and leave questions as they are.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="pattern">The names asked for.</param>
/// <param name="change">What is done to the answer.</param>
/// <param name="isForCodes">True when it is about the response code, which there is when nobody answers, too.</param>
internal sealed class ResponseRule(bool continues, NamePattern pattern, AnswerChange change, bool isForCodes) : RewriteRule(continues)
{
    /// <summary>True when it is about the response code.</summary>
    public bool IsForCodes => isForCodes;

    /// <inheritdoc/>
    public override bool NeedsText => pattern.NeedsText;

    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        if (!pattern.Matches(ref run.Name))
        {
            return RuleOutcome.Ignored;
        }

        run.Trail.Add(this);
        return RuleOutcome.Done;
    }

    /// <inheritdoc/>
    public override void Revert(ref AnswerEdit edit, DnsNameView before, DnsNameView after) => change(ref edit);
}
