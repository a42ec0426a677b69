namespace MiniDns.Telemetry;

/// <summary>One kind of what is told to a collector.</summary>
/// <param name="EnvironmentName">Its name in environment variables, <c>METRICS</c>.</param>
/// <param name="Path">Its path under an endpoint.</param>
/// <param name="Method">Its gRPC method.</param>
public sealed record OtlpSignal(string EnvironmentName, string Path, string Method)
{
    /// <summary>Metrics.</summary>
    public static OtlpSignal Metrics { get; } = new("METRICS", "v1/metrics", "opentelemetry.proto.collector.metrics.v1.MetricsService/Export");

    /// <summary>Traces.</summary>
    public static OtlpSignal Traces { get; } = new("TRACES", "v1/traces", "opentelemetry.proto.collector.trace.v1.TraceService/Export");
}
