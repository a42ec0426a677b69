using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Clients for whom some of the zones count.</summary>
/// <param name="Networks">Their networks.</param>
/// <param name="Zones">A bit for each zone that counts.</param>
internal sealed record RpzGroup(IReadOnlyList<ClientNetwork> Networks, ulong Zones);
