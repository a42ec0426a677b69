using System.Diagnostics;

namespace MiniDns.Telemetry;

/// <summary>Sends spans that have ended to a collector. For one thread at a time.</summary>
public abstract class SpanExport : IDisposable
{
    private protected SpanExport(CollectorSettings settings) => Channel = new CollectorChannel(settings);

    /// <summary>The way to the collector.</summary>
    private protected CollectorChannel Channel { get; }

    /// <summary>Makes an exporter of the settings' protocol; it connects when there is something to send.</summary>
    /// <param name="settings">Where the spans go.</param>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public static SpanExport To(CollectorSettings settings) =>
        settings.Protocol == CollectorProtocol.Zipkin ? new ZipkinSpanExport(settings) : new OtlpSpanExport(settings);

    /// <summary>Sends spans; returns when they are taken or refused.</summary>
    public CollectorResult Send(Activity[] spans) => Channel.Result(() => TrySend(spans));

    /// <summary>Gives up what is under way, and what comes, after some time.</summary>
    public void EndAfter(TimeSpan patience) => Channel.EndAfter(patience);

    /// <inheritdoc/>
    public void Dispose()
    {
        Channel.End();
        EndExport();
        Channel.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends spans through the channel.</summary>
    /// <returns>False when they were not taken; the channel knows why.</returns>
    protected abstract bool TrySend(Activity[] spans);

    /// <summary>Ends what the exporter has of its own.</summary>
    protected virtual void EndExport()
    {
    }
}
