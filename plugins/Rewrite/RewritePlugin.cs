using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>The directive <c>rewrite</c>.</summary>
public sealed class RewritePlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "rewrite";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<RewriteRule> rules = [];
        List<MetadataLabel> labels = [];
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);

            // Words behind the keyword are the rule; a block in braces is read when they are not.
            IReadOnlyList<CorefileToken> words = reader.ArgumentsLeft < 2 ? reader.RestWithBody() : reader.Rest();
            reader.End();
            if (new RuleReader(reader, words, labels).Read() is { } rule)
            {
                rules.Add(rule);
            }
        }

        if (labels.Count > 0)
        {
            setup.WhenWired(block => labels.ForEach(l => l.Bind(block)));
        }

        QuerySlot<RewriteTrail> slot = setup.ReserveSlot<RewriteTrail>();
        setup.Use(next => new RewriteHandler(rules, slot, next));
        if (rules.Exists(r => r is CnameRule))
        {
            IQueryRunner queries = setup.Queries;
            setup.Use(next => new CnameHandler(slot, queries, next));
        }
    }
}
