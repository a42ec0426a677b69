using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>A version of a zone and what led to it: the last differences, as many as a limit on number and memory lets. Immutable.</summary>
public sealed class ZoneHistory
{
    /// <summary>The most versions before the present one that are known.</summary>
    public const int MaxVersions = 100;

    /// <summary>The most memory that the differences of a zone take, in octets; and they take no more than the zone does, for then it is
    /// cheaper to send the zone.</summary>
    public const long MaxFootprint = 16 << 20;

    /// <summary>Differences that together take more octets are not made into one: that is done while a client waits.</summary>
    private const long CondenseLimit = 1 << 20;

    private readonly ZoneDifference[] _steps;        // oldest first, each from the version that the one before it leads to
    private ZoneDifference[]? _condensed;            // the last answer of Since

    /// <summary>Begins with a version of which nothing earlier is known.</summary>
    public ZoneHistory(Zone first)
        : this(first, [])
    {
    }

    private ZoneHistory(Zone current, ZoneDifference[] steps)
    {
        Current = current;
        _steps = steps;
    }

    /// <summary>The present version.</summary>
    public Zone Current { get; }

    /// <summary>How many versions before the present one are known.</summary>
    public int VersionCount => _steps.Length;

    /// <summary>What the differences take in memory, in octets.</summary>
    public long Footprint => _steps.Sum(s => s.Footprint);

    /// <summary>The history with a further version.</summary>
    /// <param name="zone">The version. When its serial number is not newer, or too much is different, the history begins anew; a zone that was
    /// merely read again leaves it as it is.</param>
    public ZoneHistory Next(Zone zone)
    {
        bool isSame = zone.Serial == Current.Serial;
        if (isSame ? _steps.Length == 0 : !SerialNumber.IsNewer(zone.Serial, Current.Serial))
        {
            return new ZoneHistory(zone);
        }

        long limit = Math.Min(MaxFootprint, zone.Footprint);
        if (ZoneDifference.Between(Current, zone, limit) is not { } step || (isSame && !(step.IsEmpty && zone.Soa.Body.SequenceEqual(Current.Soa.Body))))
        {
            return new ZoneHistory(zone);
        }

        if (isSame)
        {
            return new ZoneHistory(zone, _steps);
        }

        int kept = 0;
        long octets = step.Footprint;
        while (kept < _steps.Length && kept < MaxVersions - 1 && octets + _steps[^(kept + 1)].Footprint <= limit)
        {
            octets += _steps[^(kept + 1)].Footprint;
            kept++;
        }

        return new ZoneHistory(zone, octets <= limit ? [.. _steps[^kept..], step] : []);
    }

    /// <summary>What changed since a version.</summary>
    /// <param name="serial">The version's serial number.</param>
    /// <returns>Differences to apply one after the other, in most cases one; null when that version is not known.</returns>
    public IReadOnlyList<ZoneDifference>? Since(uint serial)
    {
        int first = Array.FindIndex(_steps, s => s.OldSerial == serial);
        if (first < 0)
        {
            return null;
        }

        // Secondaries tend to have the same version.
        if (Volatile.Read(ref _condensed) is { } last && last[0].OldSerial == serial)
        {
            return last;
        }

        ZoneDifference[] steps = _steps[first..];
        if (steps.Sum(s => s.Footprint) <= CondenseLimit)
        {
            steps = [ZoneDifference.Condense(steps)];
            Volatile.Write(ref _condensed, steps);
        }

        return steps;
    }
}
