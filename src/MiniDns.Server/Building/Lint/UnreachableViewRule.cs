using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds blocks with a view that come after one that takes every query for the same zone.</summary>
internal sealed class UnreachableViewRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        Dictionary<(System.Net.IPEndPoint Address, DnsName Zone), SourceSpan> closed = [];
        HashSet<BlockBuilder> reported = [];
        foreach ((System.Net.IPEndPoint address, BlockBuilder block, ServerKey key) in context.Listeners)
        {
            foreach (DnsName zone in key.Zones)
            {
                if (!block.HasFilters)
                {
                    closed.TryAdd((address, zone), key.Token.Span);
                }
                else if (closed.TryGetValue((address, zone), out SourceSpan first) && reported.Add(block))
                {
                    context.Diagnostics.Warning(key.Token.Span, $"no query gets here: the block at {first} takes all for {zone} and comes first; put blocks with a view before the one without");
                }
            }
        }
    }
}
