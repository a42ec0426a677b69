using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>The zones of a directive; of two that a name lies in, the longer one is its zone.</summary>
internal sealed class KubernetesZones
{
    private readonly KubernetesZone[] _zones;

    /// <summary>Takes the zones of a directive.</summary>
    public KubernetesZones(KubernetesOptions options) =>
        _zones = [.. options.Zones.Distinct().OrderByDescending(z => z.LabelCount)
            .Select(z => new KubernetesZone(z, KubernetesDirective.IsReverse(z), options.MulticlusterZones.Any(z.IsSubdomainOf)))];

    /// <summary>The zone that a name lies in; null for another one's name.</summary>
    public KubernetesZone? Find(DnsNameView name)
    {
        foreach (KubernetesZone zone in _zones)
        {
            if (name.IsSubdomainOf(zone.Name.View))
            {
                return zone;
            }
        }

        return null;
    }

    /// <summary>The zone of a name; null when it is none.</summary>
    public KubernetesZone? FindApex(DnsNameView name) => Find(name) is { } zone && zone.Length == name.Length ? zone : null;
}
