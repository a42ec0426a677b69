using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Secondary;

/// <summary>What one <c>secondary</c> directive says.</summary>
internal sealed record SecondaryOptions : TransferSource
{
    /// <summary>The zones.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The names at or below which a catalog's members may be, empty for all; null when the zones are no catalogs.</summary>
    public IReadOnlyList<DnsName>? MemberZones { get; init; }

    /// <summary>True when the catalog's member may be served.</summary>
    public bool Accepts(DnsName member)
    {
        if (MemberZones is not { Count: > 0 } zones)
        {
            return true;
        }

        foreach (DnsName zone in zones)
        {
            if (member.IsSubdomainOf(zone))
            {
                return true;
            }
        }

        return false;
    }
}
