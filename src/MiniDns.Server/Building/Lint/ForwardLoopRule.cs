using System.Net;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds queries that are forwarded to this server itself and come back to where they were.</summary>
internal sealed class ForwardLoopRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (BlockBuilder block in context.Blocks)
        {
            foreach (IUpstreamAddresses upstreams in block.Capabilities.All<IUpstreamAddresses>())
            {
                foreach (IPEndPoint address in upstreams.Addresses)
                {
                    foreach (DnsName name in Names(block, upstreams))
                    {
                        if (Arrival(context, address, name) is { } first && Leads(context, first, block, name, [], out string way))
                        {
                            context.Diagnostics.Warning(upstreams.Span, $"forward: {address} is this server itself, and queries for {name} come back to this block{way}: they go round in circles until they fail; name another server, or another port");
                            break;
                        }
                    }
                }
            }
        }
    }

    /// <summary>The largest zones whose queries this block forwards there.</summary>
    private static IEnumerable<DnsName> Names(BlockBuilder block, IUpstreamAddresses upstreams) =>
        (from own in block.Info.Zones
         from zone in upstreams.Zones
         where own.IsSubdomainOf(zone) || zone.IsSubdomainOf(own)
         select own.IsSubdomainOf(zone) ? own : zone).Distinct();

    /// <summary>The block that takes a name at an address; null when nothing of this server is there.</summary>
    private static BlockBuilder? Arrival(LintContext context, IPEndPoint address, DnsName name)
    {
        var there = context.Listeners.Where(l => context.Reaches(address, l.Address)).ToList();

        // A socket that is bound to the address itself gets what is sent to it.
        if (there.Exists(l => l.Address.Equals(address)))
        {
            there.RemoveAll(l => !l.Address.Equals(address));
        }

        return there
            .SelectMany(l => l.Key.Zones.Select(z => (Zone: z, l.Block)))
            .Where(z => name.IsSubdomainOf(z.Zone))
            .OrderByDescending(z => z.Zone.Length)
            .Select(z => z.Block)
            .FirstOrDefault();
    }

    private static bool Leads(LintContext context, BlockBuilder from, BlockBuilder to, DnsName name, HashSet<BlockBuilder> seen, out string way)
    {
        way = "";
        if (from == to)
        {
            return true;
        }

        if (!seen.Add(from))
        {
            return false;
        }

        foreach (IUpstreamAddresses upstreams in from.Capabilities.All<IUpstreamAddresses>().Where(u => u.Zones.Any(name.IsSubdomainOf)))
        {
            foreach (IPEndPoint address in upstreams.Addresses)
            {
                if (Arrival(context, address, name) is { } next && Leads(context, next, to, name, seen, out string rest))
                {
                    way = $" by way of {upstreams.Span}{rest}";
                    return true;
                }
            }
        }

        return false;
    }
}
