namespace MiniDns.Telemetry;

/// <summary>Since when the numbers of a message with metrics count, in the words of OpenTelemetry.</summary>
public enum MetricTemporality : byte
{
    /// <summary>Since the export began: a message that is lost costs nothing.</summary>
    Cumulative,

    /// <summary>Since the message before.</summary>
    Delta,

    /// <summary>Histograms since the message before; counters, which are read as they stand, since the export began.</summary>
    LowMemory,
}
