using MiniDns.Queries;

namespace MiniDns.Plugins.Bufsize;

/// <summary>Lowers the size of UDP replies that a client says it takes (RFC 6891 §6.2.3), for our replies and for what upstreams are told.</summary>
internal sealed class BufsizeHandler(IDnsHandler next, int size) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        // Without EDNS the limit is 512 octets already; streams have no such limit.
        if (query.Transport == DnsTransport.Udp && query.MaxReplySize > size)
        {
            query.MaxReplySize = size;
        }

        return next.HandleAsync(query);
    }
}
