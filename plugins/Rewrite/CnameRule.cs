namespace MiniDns.Plugins.Rewrite;

/// <summary><c>cname</c>: leads aliases in the answer elsewhere; <see cref="CnameHandler"/> does it.</summary>
internal sealed class CnameRule(bool continues, NamePattern pattern) : RewriteRule(continues)
{
    /// <summary>The targets, and what to make of them.</summary>
    public NamePattern Pattern { get; } = pattern;

    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        run.Trail.Add(this);
        return RuleOutcome.Done;
    }
}
