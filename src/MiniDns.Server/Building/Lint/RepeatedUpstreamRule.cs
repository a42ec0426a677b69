using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds upstreams that stand twice in one directive: they share their fate, so nothing is won.</summary>
internal sealed class RepeatedUpstreamRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (Directive forward in context.Directives("forward"))
        {
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (CorefileToken upstream in forward.Arguments.Skip(1).Where(a => !seen.Add(a.Text)))
            {
                context.Diagnostics.Warning(upstream.Span, $"forward: '{upstream.Text}' stands here already, and counts once; name another upstream, for the time that this one is down");
            }
        }
    }
}
