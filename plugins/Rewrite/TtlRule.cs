using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>ttl</c>: brings the TTLs of answers for some names into a range.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="pattern">The names asked for.</param>
/// <param name="least">The least TTL, in seconds.</param>
/// <param name="most">The most, in seconds.</param>
internal sealed class TtlRule(bool continues, NamePattern pattern, uint least, uint most) : RewriteRule(continues)
{
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
    public override void Revert(ref AnswerEdit edit, DnsNameView before, DnsNameView after) => edit.ClampTtls(least, most);
}
