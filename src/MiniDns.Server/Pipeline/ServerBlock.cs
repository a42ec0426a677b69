using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Server.Pipeline;

/// <summary>A server block made live: its chain and what decides whether it takes a query.</summary>
internal sealed class ServerBlock(ServerBlockInfo info, IDnsHandler? chain, IDnsHandler? notificationChain, IReadOnlyList<IViewFilter> filters)
{
    private readonly IViewFilter[] _filters = [.. filters];
    private readonly bool _takesOtherClasses = info.TakesOtherClasses;

    /// <summary>What the configuration says of the block.</summary>
    public ServerBlockInfo Info { get; } = info;

    /// <summary>The first handler; null for a block without any, which refuses everything.</summary>
    public IDnsHandler? Chain { get; } = chain;

    /// <summary>True when views decide about the block.</summary>
    public bool HasFilters => _filters.Length > 0;

    /// <summary>True when every view of the block takes the query.</summary>
    public bool Matches(DnsQuery query)
    {
        foreach (IViewFilter filter in _filters)
        {
            if (!filter.Matches(query))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs the query through the chain.</summary>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        Chain is null || (query.Class != DnsRecordClass.IN && !_takesOtherClasses)
            ? new ValueTask<DnsOutcome>(query.Refuse())
            : Chain.HandleAsync(query);

    /// <summary>Runs a zone change notification through the handlers that take them.</summary>
    public ValueTask<DnsOutcome> NotifyAsync(DnsQuery query) =>
        notificationChain is null ? new ValueTask<DnsOutcome>(query.Reply(DnsResponseCode.NotImplemented)) : notificationChain.HandleAsync(query);
}
