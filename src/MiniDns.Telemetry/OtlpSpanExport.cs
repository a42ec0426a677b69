using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace MiniDns.Telemetry;

/// <summary>Sends spans by OTLP, with OpenTelemetry's exporter.</summary>
internal sealed class OtlpSpanExport : SpanExport
{
    private readonly OtlpTraceExporter _exporter;
    private readonly TracerProvider _provider;

    /// <summary>Makes the exporter; it connects when there is something to send.</summary>
    /// <param name="settings">Where the spans go.</param>
    public OtlpSpanExport(CollectorSettings settings)
        : base(settings)
    {
        _exporter = new OtlpTraceExporter(OtlpOptions.Of(settings, Channel));

        // The provider gives the exporter its resource. It listens to no source: sources are known by their names, and each directive of each
        // server of the process has spans of its own.
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(OtlpOptions.Resource(settings))
            .AddProcessor(new SimpleActivityExportProcessor(_exporter))
            .Build();
    }

    /// <inheritdoc/>
    protected override bool TrySend(Activity[] spans) => _exporter.Export(new Batch<Activity>(spans, spans.Length)) == ExportResult.Success;

    /// <inheritdoc/>
    protected override void EndExport() => _provider.Dispose();
}
