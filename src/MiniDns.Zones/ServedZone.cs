using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>A zone that a server has, whatever its data is now: the place that versions of it are swapped into.</summary>
/// <param name="origin">The zone's name.</param>
public sealed class ServedZone(DnsName origin)
{
    private readonly Lock _publishing = new();
    private Zone? _current;

    /// <summary>Called after each swap, with the version before, or null, and the new one, or null when the zone has expired. Not under a lock
    /// that readers need; calls do not overlap.</summary>
    public event Action<ServedZone, Zone?, Zone?>? Published;

    /// <summary>The zone's name.</summary>
    public DnsName Origin { get; } = origin;

    /// <summary>The data of now; null while there is none. A query reads it once.</summary>
    public Zone? Current => Volatile.Read(ref _current);

    /// <summary>Swaps another version in.</summary>
    /// <param name="zone">The version; null to stop answering (a secondary's data has expired).</param>
    public void Publish(Zone? zone)
    {
        lock (_publishing)
        {
            Zone? before = _current;
            Volatile.Write(ref _current, zone);
            Published?.Invoke(this, before, zone);
        }
    }
}
