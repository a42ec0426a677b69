using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>One line of the configuration: what it does to a question, and to the answer on the way back.</summary>
/// <param name="continues">True when the rules after this one are tried even when it applied.</param>
internal abstract class RewriteRule(bool continues)
{
    /// <summary>True when the rules after this one are tried even when it applied.</summary>
    public bool Continues { get; } = continues;

    /// <summary>True when the rule looks at the text of names.</summary>
    public virtual bool NeedsText => false;

    /// <summary>Applies the rule to the query, if it is for it.</summary>
    public abstract RuleOutcome Apply(ref RewriteRun run);

    /// <summary>Does to the answer what the rule asks for.</summary>
    /// <param name="edit">The answer.</param>
    /// <param name="before">The name that the rule changed, when it noted one; else the root.</param>
    /// <param name="after">What it changed the name to.</param>
    public virtual void Revert(ref AnswerEdit edit, DnsNameView before, DnsNameView after)
    {
    }
}
