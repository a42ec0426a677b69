using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds orders of a block's own in which a plugin does nothing about what another one answers before it.</summary>
internal sealed class OrderRule : ILintRule
{
    /// <summary>Plugins that answer, beside those that have data of their own.</summary>
    private static readonly HashSet<string> AlsoAnswer = new(StringComparer.Ordinal) { "cache", "local", "any", "chaos" };

    /// <summary>Plugins whose answers a cache is there for; others answer from memory.</summary>
    private static readonly HashSet<string> Distant = new(StringComparer.Ordinal) { "forward", "grpc", "etcd", "route53", "azure", "clouddns" };

    /// <summary>What it comes to when a plugin stands behind one that answers; <c>@</c> is the latter.</summary>
    private static readonly Dictionary<string, string> Consequences = new(StringComparer.Ordinal)
    {
        ["acl"] = "what it denies is denied all the same, but what '@' answers is not counted as allowed",
        ["tsig"] = "'@' answers without a look at signatures, and its replies are not signed",
        ["ratelimit"] = "whoever asks for what '@' answers can ask as often as he likes",
        ["blocklist"] = "names of the lists are answered by '@'",
        ["rpz"] = "names of the policy zones are answered by '@'",
        ["rewrite"] = "'@' sees questions as they were asked, and nobody changes its answers",
        ["cache"] = "what '@' answers is never kept",
        ["cancel"] = "'@' answers clients that have stopped listening",
        ["errors"] = "failures of '@' are not logged",
        ["log"] = "what '@' answers is not logged",
        ["prometheus"] = "what '@' answers is not counted",
        ["dnstap"] = "what '@' answers is not told",
        ["loop"] = "a forwarding loop is not found",
        ["metadata"] = "'@' knows no metadata",
        ["transfer"] = "zone transfers get to '@' and are refused",
    };

    /// <summary>Plugins that judge names, with those that make other names before them.</summary>
    private static readonly (string Judge, string Changer, string Consequence)[] Changes =
    [
        ("blocklist", "rewrite", "names that 'rewrite' makes are not looked for in the lists"),
        ("rpz", "rewrite", "names that 'rewrite' makes are not looked for in the policy zones"),
        ("acl", "rewrite", "names that 'rewrite' makes are judged all the same, but not counted as allowed"),
    ];

    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (BlockBuilder block in context.Blocks.Where(b => b.Info.Order.Count > 0))
        {
            List<string> order = [.. block.Info.Plugins.Where(p => block.Handlers.Exists(h => h.Plugin == p))];
            List<string> usual = [.. block.UsualOrder];
            foreach (string plugin in order.Where(p => !ShadowedPluginRule.Answerers.Contains(p)))
            {
                // Another answerer before it is worth no second line.
                int place = order.IndexOf(plugin);
                if (order.Take(place).FirstOrDefault(p => Answers(plugin, p) && usual.IndexOf(p) > usual.IndexOf(plugin)) is { } first)
                {
                    string consequence = Consequences.GetValueOrDefault(plugin, "it does nothing about what '@' answers").Replace("@", first, StringComparison.Ordinal);
                    Warn(context, block, plugin, first, consequence);
                }
            }

            foreach ((string judge, string changer, string consequence) in Changes)
            {
                if (order.IndexOf(judge) is >= 0 and int place && order.IndexOf(changer) > place)
                {
                    Warn(context, block, changer, judge, consequence);
                }
            }
        }
    }

    /// <summary>True when a plugin behind another misses what that one answers.</summary>
    private static bool Answers(string plugin, string before) =>
        plugin == "cache" ? Distant.Contains(before) : ShadowedPluginRule.Answerers.Contains(before) || AlsoAnswer.Contains(before);

    private static void Warn(LintContext context, BlockBuilder block, string plugin, string first, string consequence)
    {
        SourceSpan span = (block.Info.Order.FirstOrDefault(t => t.Text == plugin) ?? block.Info.Order[0]).Span;
        context.Diagnostics.Warning(span, $"order: '{plugin}' stands behind '{first}': {consequence}; put it before '{first}'");
    }
}
