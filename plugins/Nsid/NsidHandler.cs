using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Nsid;

/// <summary>Adds the server's identity to the reply when the client asked for it (RFC 5001).</summary>
internal sealed class NsidHandler(IDnsHandler next, byte[] identity) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        EdnsView edns = query.Edns;
        if (edns.IsPresent
            && outcome != DnsOutcome.Dropped
            && edns.TryGetOption(query.Wire, EdnsOptionCode.NameServerId, out _))
        {
            query.Response.AddOption(EdnsOptionCode.NameServerId, identity);
        }

        return outcome;
    }
}
