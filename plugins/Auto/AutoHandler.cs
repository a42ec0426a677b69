using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Plugins.Auto;

/// <summary>Answers what is in one of the zones found, and leaves the rest to others.</summary>
internal sealed class AutoHandler(AutoOptions options, AutoZones zones, ZoneResponder responder) : IDnsHandler
{
    private readonly DnsName[] _served = [.. options.Zones];

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        IsServed(query.LowerName) && zones.Zones.TryFind(query.LowerName, query.Type, out ServedZone? zone)
            ? responder.HandleAsync(query, zone)
            : responder.PassOnAsync(query);

    private bool IsServed(DnsNameView name)
    {
        foreach (DnsName zone in _served)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return true;
            }
        }

        return false;
    }
}
