using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Primaries;

/// <summary>Zones that notifications may be about.</summary>
internal interface INotifiedZones
{
    /// <summary>Finds a zone by its name.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="zone">The zone.</param>
    bool TryFind(DnsNameView name, [NotNullWhen(true)] out INotifiedZone? zone);
}
