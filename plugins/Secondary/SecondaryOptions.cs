using MiniDns.Client.Transfers;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Secondary;

/// <summary>What one <c>secondary</c> directive says.</summary>
internal sealed record SecondaryOptions
{
    /// <summary>The zones.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>Where they come from, in the order to try.</summary>
    public IReadOnlyList<TransferPrimary> Primaries { get; init; } = [];

    /// <summary>The names at or below which a catalog's members may be, empty for all; null when the zones are no catalogs.</summary>
    public IReadOnlyList<DnsName>? MemberZones { get; init; }

    /// <summary>The directory that zones are kept in; null for none.</summary>
    public string? StoreDirectory { get; init; }

    /// <summary>What a transfer may cost.</summary>
    public TransferOptions Transfer { get; init; } = new();

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
