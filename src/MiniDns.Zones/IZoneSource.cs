namespace MiniDns.Zones;

/// <summary>What a plugin that has zones offers to others: to the one that sends transfers and notifications.</summary>
public interface IZoneSource
{
    /// <summary>The zones of now. A later call may give others; a zone that stays is the same object.</summary>
    ZoneTable Zones { get; }

    /// <summary>Called when zones have come or gone, after <see cref="Zones"/> has changed.</summary>
    event Action? ZonesChanged;
}
