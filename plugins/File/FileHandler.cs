using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Plugins.FileZones;

/// <summary>Answers what is in one of the zones, and leaves the rest to others.</summary>
internal sealed class FileHandler(ZoneTable zones, ZoneResponder responder) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        zones.TryFind(query.LowerName, query.Type, out ServedZone? zone) ? responder.HandleAsync(query, zone) : responder.PassOnAsync(query);
}
