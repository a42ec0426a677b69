using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Secondary;

/// <summary>What all zones of a block share.</summary>
/// <param name="Slots">Bounds the conversations with primaries.</param>
/// <param name="Meter">Counts.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Random">Ids and jitter.</param>
internal sealed record SecondaryContext(TransferSlots Slots, SecondaryMeter Meter, TimeProvider Time, ILogger Logger, UpstreamRandom Random)
{
    /// <summary>The time since some moment in the past, by a clock that never goes back.</summary>
    public TimeSpan Now => Time.GetElapsedTime(0);

    /// <summary>A number from 0 up to, and without, 1.</summary>
    public double NextDouble() => Random.Next() / 65536.0;

    /// <summary>Makes the context of a plugin's block.</summary>
    public static SecondaryContext Of(DnsServices services, TransferSlots slots) =>
        new(slots, new SecondaryMeter(services.Metrics), services.Time, services.LoggerFor("secondary"), UpstreamRandom.Secure);
}
