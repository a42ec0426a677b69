using System.Buffers.Binary;

namespace MiniDns.Plugins.Primaries;

/// <summary>How long a secondary relies on what it has (RFC 1035 §3.3.13).</summary>
/// <param name="Refresh">After this long it asks whether there is a newer version.</param>
/// <param name="Retry">After this long it asks again when nobody answered.</param>
/// <param name="Expire">After this long without an answer it stops serving the zone.</param>
internal readonly record struct ZoneTimers(TimeSpan Refresh, TimeSpan Retry, TimeSpan Expire)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>Reads the timers of a SOA record; each is at least a second.</summary>
    public static ZoneTimers FromSoa(ReadOnlySpan<byte> rdata) => new(Read(rdata[^16..]), Read(rdata[^12..]), Read(rdata[^8..]));

    private static TimeSpan Read(ReadOnlySpan<byte> field)
    {
        var seconds = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(field));
        return seconds < Least ? Least : seconds;
    }
}
