using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Primaries;

/// <summary>What all zones of a block share.</summary>
/// <param name="Slots">Bounds the conversations with primaries.</param>
/// <param name="Meter">Counts.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Random">Ids and jitter.</param>
internal sealed record TransferContext(TransferSlots Slots, TransferMeter Meter, TimeProvider Time, ILogger Logger, UpstreamRandom Random)
{
    /// <summary>True when files are read, but not written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The time since some moment in the past, by a clock that never goes back.</summary>
    public TimeSpan Now => Time.GetElapsedTime(0);

    /// <summary>A number from 0 up to, and without, 1.</summary>
    public double NextDouble() => Random.Next() / 65536.0;

    /// <summary>Makes the context of a plugin's block.</summary>
    /// <param name="services">Clock, log, metrics.</param>
    /// <param name="slots">Bounds the conversations.</param>
    /// <param name="plugin">The plugin's name.</param>
    /// <param name="metricPrefix">What the metrics' names begin with.</param>
    public static TransferContext Of(DnsServices services, TransferSlots slots, string plugin, string metricPrefix) =>
        new(slots, new TransferMeter(services.Metrics, metricPrefix), services.Time, services.LoggerFor(plugin), UpstreamRandom.Secure) { IsReadOnly = services.IsTrial };
}
