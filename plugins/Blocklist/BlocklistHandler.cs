using System.Numerics;
using System.Text;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Blocklist;

/// <summary>Answers in place of names that a list blocks; everything else goes on.</summary>
internal sealed class BlocklistHandler : IDnsHandler
{
    private readonly NameListFiles _files;
    private readonly IDnsHandler _next;
    private readonly ClientGroups<BlockGroup> _groups;
    private readonly StripedCounter[] _blocked;
    private readonly StripedCounter _allowed;
    private readonly byte[][] _texts;
    private readonly uint _ttl;

    /// <summary>Makes a handler.</summary>
    public BlocklistHandler(BlocklistOptions options, NameListFiles files, MetricRegistry metrics, IDnsHandler next)
    {
        _files = files;
        _next = next;
        _groups = new ClientGroups<BlockGroup>(options.Everybody, options.Groups.SelectMany(g => g.Networks.Select(n => (n, g))));
        _blocked = [.. options.Names.Lists.Select(l => metrics.Counter("minidns_blocklist_blocked_total", "Queries for names that a list blocks.", ("list", l.Name)))];
        _allowed = metrics.Counter("minidns_blocklist_allowed_total", "Queries for names that are blocked by one list and allowed by another.");
        _texts = [.. options.Names.Lists.Select(l => Encoding.UTF8.GetBytes("blocked by list " + l.Name))];
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

        if (_groups.TellsApart)
        {
            // What another query of the server's makes of this answer is for this client only.
            query.KeepForClient();
        }

        BlockGroup group = _groups.Of(query.Client);
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
}
