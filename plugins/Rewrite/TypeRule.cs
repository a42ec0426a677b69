using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>type</c>: asks for another type.</summary>
internal sealed class TypeRule(bool continues, DnsRecordType from, DnsRecordType to) : RewriteRule(continues)
{
    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        if (run.Query.Type != from)
        {
            return RuleOutcome.Ignored;
        }

        _ = run.Trail;
        run.SetQuestion(run.Query.LowerName, to, run.Query.Class);
        return RuleOutcome.Done;
    }
}
