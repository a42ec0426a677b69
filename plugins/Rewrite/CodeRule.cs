using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>rcode</c>: replaces a response code in answers for some names.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="pattern">The names asked for.</param>
/// <param name="from">The code that is replaced.</param>
/// <param name="to">What takes its place.</param>
internal sealed class CodeRule(bool continues, NamePattern pattern, DnsResponseCode from, DnsResponseCode to) : RewriteRule(continues)
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
    public override void Revert(ref AnswerEdit edit, DnsNameView before, DnsNameView after) => edit.ReplaceCode(from, to);
}
