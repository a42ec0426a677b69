using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>type</c> and <c>class</c>: ask for another type or class.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="type">The type that is changed, and what it becomes; null to leave types as they are.</param>
/// <param name="class">The same for the class.</param>
internal sealed class QuestionRule(bool continues, (DnsRecordType From, DnsRecordType To)? type, (DnsRecordClass From, DnsRecordClass To)? @class) : RewriteRule(continues)
{
    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        if ((type is { } types && types.From != run.Query.Type) || (@class is { } classes && classes.From != run.Query.Class))
        {
            return RuleOutcome.Ignored;
        }

        _ = run.Trail;
        run.SetQuestion(run.Query.LowerName, type?.To ?? run.Query.Type, @class?.To ?? run.Query.Class);
        return RuleOutcome.Done;
    }
}
