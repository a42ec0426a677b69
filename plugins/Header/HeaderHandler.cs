using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Header;

/// <summary>Sets and clears header flags: of the query for the plugins behind, of the reply for the client.</summary>
internal sealed class HeaderHandler(IDnsHandler next, HeaderOptions options) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        query.SetFlags(options.Query.Apply(query.Header.Flags));
        return null;
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        // The reply echoes RD of the query's header (RFC 1035 §4.1.1): as the client sent it, unless a rule for responses says else.
        DnsHeader.TryRead(query.Wire, out DnsHeader asked);
        ushort echoed = options.Response.Apply(asked.Flags);
        query.SetFlags((ushort)((asked.Flags & ~DnsHeader.RecursionDesiredFlag) | (echoed & DnsHeader.RecursionDesiredFlag)));
        if (outcome == DnsOutcome.Replied)
        {
            DnsResponseFlags flags = query.Response.Flags;
            flags = Apply(flags, DnsResponseFlags.Authoritative, DnsHeader.AuthoritativeFlag);
            query.Response.Flags = Apply(flags, DnsResponseFlags.RecursionAvailable, DnsHeader.RecursionAvailableFlag);
        }

        return outcome;
    }

    private DnsResponseFlags Apply(DnsResponseFlags flags, DnsResponseFlags flag, ushort bit)
    {
        ushort bits = options.Response.Apply((flags & flag) != 0 ? bit : (ushort)0);
        return (bits & bit) != 0 ? flags | flag : flags & ~flag;
    }
}
