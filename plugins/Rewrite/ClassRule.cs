using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>class</c>: asks for another class.</summary>
internal sealed class ClassRule(bool continues, DnsRecordClass from, DnsRecordClass to) : RewriteRule(continues)
{
    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        if (run.Query.Class != from)
        {
            return RuleOutcome.Ignored;
        }

        _ = run.Trail;
        run.SetQuestion(run.Query.LowerName, run.Query.Type, to);
        return RuleOutcome.Done;
    }
}
