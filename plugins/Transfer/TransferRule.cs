using System.Net;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

/// <summary>One <c>transfer</c> directive.</summary>
/// <param name="Zones">The zones it is for, with all below them.</param>
/// <param name="ToAll">True for <c>to *</c>.</param>
/// <param name="To">Who may have transfers and is notified.</param>
/// <param name="Source">The address that notifications to hosts of the same family leave from; null lets the system choose.</param>
internal sealed record TransferRule(IReadOnlyList<DnsName> Zones, bool ToAll, IReadOnlyList<IPEndPoint> To, IPAddress? Source)
{
    private readonly ClientAddress[] _clients = [.. To.Select(ClientAddress.From)];

    /// <summary>True when a client may have transfers. Ports do not matter, nor scopes that are not given.</summary>
    public bool Allows(in ClientAddress client)
    {
        if (ToAll)
        {
            return true;
        }

        foreach (ref readonly ClientAddress to in _clients.AsSpan())
        {
            if (to.IsIn(client, client.IsIPv6 ? 128 : 32))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The length in octets of the longest zone that a name is in; 0 for none.</summary>
    public int Match(DnsNameView name)
    {
        int longest = 0;
        foreach (DnsName zone in Zones)
        {
            if (zone.Length > longest && name.IsSubdomainOf(zone.View))
            {
                longest = zone.Length;
            }
        }

        return longest;
    }
}
