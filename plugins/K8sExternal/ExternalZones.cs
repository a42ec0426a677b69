using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>The zones of a directive; of two that a name lies in, the longer one is its zone.</summary>
internal sealed class ExternalZones(ExternalOptions options)
{
    private readonly ExternalZone[] _zones = [.. options.Zones.Distinct().OrderByDescending(z => z.LabelCount).Select(z => new ExternalZone(z, options.Apex))];

    /// <summary>The zone that a name lies in; null for another one's name.</summary>
    public ExternalZone? Find(DnsNameView name)
    {
        foreach (ExternalZone zone in _zones)
        {
            if (name.IsSubdomainOf(zone.Name.View))
            {
                return zone;
            }
        }

        return null;
    }

    /// <summary>The zone of a name; null when it is none.</summary>
    public ExternalZone? FindApex(DnsNameView name) => Find(name) is { } zone && zone.Name.Length == name.Length ? zone : null;
}
