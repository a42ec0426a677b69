using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary><c>name</c>: asks for another name, and gives the answer's names back as the client knows them.</summary>
/// <param name="continues">See <see cref="RewriteRule"/>.</param>
/// <param name="pattern">The names, and what to make of them.</param>
/// <param name="moves">True when names in the answer that are the new one, or below it, become the old one, or below that.</param>
/// <param name="answers">What else is done to names in the answer; the last is done first.</param>
internal sealed class NameRule(bool continues, NamePattern pattern, bool moves, AnswerRule[] answers) : RewriteRule(continues)
{
    /// <inheritdoc/>
    public override bool NeedsText => pattern.NeedsText;

    /// <inheritdoc/>
    public override RuleOutcome Apply(ref RewriteRun run)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        NameChange change = pattern.Rewrite(ref run.Name, wire, out int length);
        if (change != NameChange.Changed)
        {
            return change == NameChange.NoMatch ? RuleOutcome.Ignored : RuleOutcome.BadName;
        }

        DnsNameView name = new(wire[..length]);
        RewriteTrail trail = run.Trail;
        if (moves)
        {
            trail.Add(this, run.Name.Name, name);
        }
        else if (answers.Length > 0)
        {
            trail.Add(this);
        }

        // Names that answers are mapped between are unrelated in the eyes of whoever looks at an answer alone.
        DnsQuery query = run.Query;
        query.RenamesAnswer |= moves || answers.Length > 0;
        run.SetQuestion(name, query.Type, query.Class);
        return RuleOutcome.Done;
    }

    /// <inheritdoc/>
    public override void Revert(ref AnswerEdit edit, DnsNameView before, DnsNameView after)
    {
        for (int i = answers.Length - 1; i >= 0; i--)
        {
            if (answers[i].IsForValues)
            {
                edit.RewriteValues(answers[i].Pattern);
            }
            else
            {
                edit.RewriteOwners(answers[i].Pattern);
            }
        }

        if (moves)
        {
            edit.MoveValues(after, before);
            edit.MoveOwners(after, before);
        }
    }
}
