using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>edns0</c>: changes an EDNS option of the query.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="code">The option's code.</param>
/// <param name="action">What is done with it.</param>
/// <param name="isReverted">True when the client does not get to see the change.</param>
/// <param name="isLocal">True for a local option, which the reply has as well.</param>
/// <param name="data">What tells the option's data; null when it is removed.</param>
internal sealed class EdnsRule(bool continues, EdnsOptionCode code, EdnsAction action, bool isReverted, bool isLocal, EdnsData? data) : RewriteRule(continues)
{
    /// <inheritdoc/>
    public override bool NeedsText => data?.NeedsText is true;

    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        DnsQuery query = run.Query;
        if (data is null)
        {
            run.Trail.Options.Remove(query, code);
            return RuleOutcome.Done;
        }

        if (action != EdnsAction.Set && OptionList.Contains(query.EdnsOptions, code) != (action == EdnsAction.Replace))
        {
            run.Trail.Options.Touch(query);
            return RuleOutcome.Ignored;
        }

        Span<byte> scratch = stackalloc byte[EdnsData.MaxScratch];
        if (!data.TryRead(query, data.NeedsText ? run.Name.Text : default, scratch, out ReadOnlySpan<byte> value))
        {
            return RuleOutcome.Ignored;
        }

        run.Trail.Options.Set(query, code, value, isLocal, isReverted);
        return RuleOutcome.Done;
    }
}
