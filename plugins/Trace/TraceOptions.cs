namespace MiniDns.Plugins.Trace;

/// <summary>What the directive says of how queries are chosen and traces are sent.</summary>
internal sealed record TraceOptions
{
    /// <summary>One of how many queries is traced; 0 for none.</summary>
    public int Every { get; init; } = 1;

    /// <summary>The most spans that wait to be sent.</summary>
    public int QueueSpans { get; init; } = 2048;

    /// <summary>The spans that are worth a message.</summary>
    public int BatchSpans { get; init; } = 512;

    /// <summary>How long a trace waits for others.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Zipkin's, as CoreDNS has them.</summary>
    public static TraceOptions OfZipkin { get; } = new() { QueueSpans = 1000, BatchSpans = 100, Interval = TimeSpan.FromSeconds(1) };
}
