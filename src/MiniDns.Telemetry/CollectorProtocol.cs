namespace MiniDns.Telemetry;

/// <summary>How messages go to a collector.</summary>
public enum CollectorProtocol : byte
{
    /// <summary>Protocol Buffers in a POST request.</summary>
    Http,

    /// <summary>Protocol Buffers in a gRPC call over HTTP/2.</summary>
    Grpc,

    /// <summary>Zipkin's JSON in a POST request.</summary>
    Zipkin,
}
