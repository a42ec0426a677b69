using MiniDns.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>Counts the questions that are let through.</summary>
internal sealed class AllowedHandler(IDnsHandler next, PerServer<StripedCounter> allowed) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        allowed[query.Endpoint].Increment();
        return next.HandleAsync(query);
    }
}
