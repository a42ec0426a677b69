using MiniDns.Queries;

namespace MiniDns.Plugins.Geoip;

/// <summary>One <c>geoip</c> directive.</summary>
/// <param name="File">The database.</param>
/// <param name="UsesSubnet">True when the address is that of the client subnet option, if a query has one.</param>
/// <param name="Slot">Keeps what was found.</param>
internal sealed record GeoTable(GeoFile File, bool UsesSubnet, QuerySlot<GeoFinding> Slot);
