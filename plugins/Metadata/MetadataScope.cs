using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Metadata;

/// <summary>The queries for names in the directive's zones.</summary>
internal sealed class MetadataScope(IReadOnlyList<DnsName> zones) : IMetadataScope
{
    private readonly DnsName[] _zones = [.. zones];

    /// <inheritdoc/>
    public bool Covers(DnsQuery query)
    {
        DnsNameView name = query.AskedName;
        foreach (DnsName zone in _zones)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return true;
            }
        }

        return false;
    }
}
