using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds addresses that one block binds for itself, so that the blocks for every address are not served there.</summary>
/// <remarks>The system gives a query to the socket whose address is the more exact; the others' zones are then refused.</remarks>
internal sealed class BoundApartRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        var listeners = context.Listeners.ToList();
        foreach (IGrouping<IPEndPoint, (IPEndPoint Address, BlockBuilder Block, ServerKey Key)> here in listeners.Where(l => !LintContext.IsWildcard(l.Address.Address) && l.Address.Port != 0).GroupBy(l => l.Address))
        {
            List<DnsName> zones = [.. here.SelectMany(l => l.Key.Zones)];
            (IPEndPoint _, BlockBuilder? elsewhere, ServerKey? key) = listeners.Find(l =>
                LintContext.IsWildcard(l.Address.Address) && l.Address.Port == here.Key.Port && !LintContext.Covers(zones, l.Key.Zones));
            if (elsewhere is null || key is null)
            {
                continue;
            }

            SourceSpan span = here.First().Block.Endpoint.BindAddresses.First(b => b.Address.Equals(here.Key.Address)).Span;
            context.Diagnostics.Warning(span, $"bind: queries to {here.Key} get only what is bound there; names of the block at {key.Token.Span} are refused there; give that block the same 'bind' if they should not be");
        }
    }
}
