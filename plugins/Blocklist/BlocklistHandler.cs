using System.Numerics;
using System.Text;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Blocklist;

/// <summary>Answers in place of names that a list blocks; everything else goes on.</summary>
internal sealed class BlocklistHandler : IDnsHandler
{
    private readonly BlocklistFiles _files;
    private readonly IDnsHandler _next;
    private readonly BlockGroup _everybody;
    private readonly (ClientNetwork Network, BlockGroup Group)[] _groups;
    private readonly StripedCounter[] _blocked;
    private readonly StripedCounter _allowed;
    private readonly byte[][] _texts;
    private readonly uint _ttl;

    /// <summary>Makes a handler.</summary>
    public BlocklistHandler(BlocklistOptions options, BlocklistFiles files, MetricRegistry metrics, IDnsHandler next)
    {
        _files = files;
        _next = next;
        _everybody = options.Everybody;

        // The longest prefix first: the first network that holds a client is the one that counts.
        _groups = [.. options.Groups.SelectMany(g => g.Networks.Select(n => (n, g))).OrderByDescending(p => p.n.PrefixLength)];
        _blocked = [.. options.Lists.Select(l => metrics.Counter("minidns_blocklist_blocked_total", "Queries for names that a list blocks.", ("list", l.Name)))];
        _allowed = metrics.Counter("minidns_blocklist_allowed_total", "Queries for names that are blocked by one list and allowed by another.");
        _texts = [.. options.Lists.Select(l => Encoding.UTF8.GetBytes("blocked by list " + l.Name))];
        _ttl = options.Ttl;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        uint found = query.Class == DnsRecordClass.IN ? _files.Store.Find(query.LowerName, query.NameHash) : 0;
        if (found == 0)
        {
            return _next.HandleAsync(query);
        }

        BlockGroup group = GroupOf(query.Client);
        found &= group.Lists;
        uint blocks = found & BlockGroup.BlockBits;
        if (blocks == 0)
        {
            return _next.HandleAsync(query);
        }

        if (found != blocks)
        {
            _allowed.Increment();
            return _next.HandleAsync(query);
        }

        int list = BitOperations.TrailingZeroCount(blocks) / 2;
        _blocked[list].Increment();
        if (group.ErrorCode is { } code)
        {
            query.Response.AddExtendedError(code, _texts[list]);
        }

        return new ValueTask<DnsOutcome>(group.Answer.Give(query, _ttl));
    }

    private BlockGroup GroupOf(in ClientAddress client)
    {
        foreach ((ClientNetwork network, BlockGroup group) in _groups)
        {
            if (network.Contains(client))
            {
                return group;
            }
        }

        return _everybody;
    }
}
