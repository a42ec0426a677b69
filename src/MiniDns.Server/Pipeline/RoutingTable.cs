using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Server.Pipeline;

/// <summary>Which block takes a query that came to one endpoint: the one with the longest matching zone.</summary>
/// <remarks>A DS query for the apex of a zone goes to the parent's block when there is one, for the parent side of a zone cut
/// holds it (RFC 4035 §3.1.4.1).</remarks>
internal sealed class RoutingTable
{
    private readonly DnsNameTable<Candidates> _zones;
    private readonly Candidates? _onlyRoot;

    /// <summary>Makes a table.</summary>
    /// <param name="zones">Each zone's blocks, in the order in which their views are asked.</param>
    /// <param name="use">Counts the queries under way in the plan's chains.</param>
    public RoutingTable(IEnumerable<KeyValuePair<DnsName, ServerBlock>> zones, PlanUse use)
    {
        Use = use;
        List<KeyValuePair<DnsName, Candidates>> entries = [.. zones
            .GroupBy(z => z.Key)
            .Select(g => new KeyValuePair<DnsName, Candidates>(g.Key, new Candidates(g.Key, [.. g.Select(b => b.Value)])))];
        _zones = new DnsNameTable<Candidates>(entries);
        _onlyRoot = entries is [{ Key.IsRoot: true } root] && root.Value.Blocks is [{ HasFilters: false }] ? root.Value : null;
    }

    /// <summary>A table without zones.</summary>
    public static RoutingTable Empty { get; } = new([], new PlanUse());

    /// <summary>Counts the queries under way in the chains that these routes lead to.</summary>
    public PlanUse Use { get; }

    /// <summary>Finds the block and notes its zone in the query.</summary>
    /// <returns>Null when no block takes the query.</returns>
    public ServerBlock? Match(DnsQuery query)
    {
        if (_onlyRoot is { } root)
        {
            query.Zone = root.Zone;
            return root.Blocks[0];
        }

        DnsNameView name = query.LowerName;
        ServerBlock? childSide = null;
        DnsName? childZone = null;
        while (_zones.TryGetLongestSuffix(name, out Candidates? candidates, out int labels))
        {
            foreach (ServerBlock block in candidates.Blocks)
            {
                if (!block.Matches(query))
                {
                    continue;
                }

                if (query.Type == DnsRecordType.DS && labels > 0 && candidates.Zone.Length == query.LowerName.Length)
                {
                    childSide = block;
                    childZone = candidates.Zone;
                    break;
                }

                query.Zone = candidates.Zone;
                return block;
            }

            if (labels == 0)
            {
                break;
            }

            name = name.Skip(name.LabelCount - labels).Parent;
        }

        if (childSide is not null)
        {
            query.Zone = childZone!;
        }

        return childSide;
    }

    private sealed record Candidates(DnsName Zone, ServerBlock[] Blocks);
}
