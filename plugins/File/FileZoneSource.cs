using MiniDns.Zones;

namespace MiniDns.Plugins.FileZones;

/// <summary>The zones of a block's <c>file</c> directives, always the same ones.</summary>
internal sealed class FileZoneSource(IReadOnlyCollection<ServedZone> zones) : IZoneSource
{
    /// <inheritdoc/>
    public event Action? ZonesChanged
    {
        add
        {
        }

        remove
        {
        }
    }

    /// <inheritdoc/>
    public ZoneTable Zones { get; } = new(zones);
}
