using System.Buffers.Binary;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>What makes one version of a zone out of an earlier one: records to take away and records to add (RFC 1995 §4). Immutable.</summary>
/// <remarks>A record whose TTL changes is both. The SOA records are not among them.</remarks>
public sealed class ZoneDifference
{
    internal ZoneDifference(RRset oldSoa, RRset newSoa, ChangeList removed, ChangeList added)
    {
        OldSoa = oldSoa;
        NewSoa = newSoa;
        Removed = removed;
        Added = added;
    }

    /// <summary>The SOA of the earlier version.</summary>
    public RRset OldSoa { get; }

    /// <summary>The SOA of the later version.</summary>
    public RRset NewSoa { get; }

    /// <summary>The earlier version's serial number.</summary>
    public uint OldSerial => SerialOf(OldSoa);

    /// <summary>The later version's serial number.</summary>
    public uint NewSerial => SerialOf(NewSoa);

    /// <summary>The records to take away, in canonical order of their owners.</summary>
    public ChangeList Removed { get; }

    /// <summary>The records to add, in canonical order of their owners.</summary>
    public ChangeList Added { get; }

    /// <summary>True when only the SOA differs, if that.</summary>
    public bool IsEmpty => Removed.Count == 0 && Added.Count == 0;

    /// <summary>What it takes in memory, in octets, near enough for a budget.</summary>
    public long Footprint => Removed.Footprint + Added.Footprint + OldSoa.Body.Length + NewSoa.Body.Length + 256;

    /// <summary>Compares two versions of a zone.</summary>
    /// <param name="before">The earlier version.</param>
    /// <param name="after">The later version.</param>
    /// <param name="limit">The most memory that the difference may take, in octets.</param>
    /// <returns>Null when it would take more.</returns>
    public static ZoneDifference? Between(Zone before, Zone after, long limit = long.MaxValue) => new ZoneComparer(before, after, limit).Compare();

    /// <summary>Makes one difference of several that follow each other; what one adds and a later one takes away again is in neither list.</summary>
    /// <param name="steps">At least one difference, oldest first, each from the version that the one before it leads to.</param>
    public static ZoneDifference Condense(ReadOnlySpan<ZoneDifference> steps) =>
        steps.Length == 1 ? steps[0] : ChangeCondenser.Condense(steps);

    private static uint SerialOf(RRset soa)
    {
        ReadOnlySpan<byte> rdata = soa.View.First;
        return BinaryPrimitives.ReadUInt32BigEndian(rdata[^20..]);
    }
}
