using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Secondary;

/// <summary>A zone that a catalog lists (RFC 9432 §4.1).</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Id">The unique label under which it is listed; a new one means that the zone starts anew (RFC 9432 §5.4).</param>
/// <param name="NewOwner">The catalog that the zone moves to (RFC 9432 §4.4.1); null for none.</param>
internal sealed record CatalogMember(DnsName Zone, DnsName Id, DnsName? NewOwner);
