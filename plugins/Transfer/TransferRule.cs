using System.Net;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

/// <summary>One <c>transfer</c> directive.</summary>
/// <param name="Zones">The zones it is for, with all below them.</param>
/// <param name="To">Who may have transfers; those with an address are notified.</param>
/// <param name="Source">The address that notifications to hosts of the same family leave from; null lets the system choose.</param>
internal sealed record TransferRule(IReadOnlyList<DnsName> Zones, IReadOnlyList<TransferPeer> To, IPAddress? Source)
{
    private readonly TransferPeer[] _to = [.. To];

    /// <summary>True when a client may have transfers.</summary>
    /// <param name="client">Its address.</param>
    /// <param name="signedWith">The key that its request is signed with, and well; null when it is not.</param>
    public bool Allows(in ClientAddress client, DnsName? signedWith)
    {
        foreach (TransferPeer peer in _to)
        {
            if (peer.Is(client, signedWith))
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
