namespace MiniDns.Configuration;

/// <summary>How a server block is reached: the part of its key before <c>://</c>.</summary>
public enum ServerScheme
{
    /// <summary><c>dns</c>: UDP and TCP (RFC 1035), port 53.</summary>
    Dns,

    /// <summary><c>tls</c>: DNS over TLS (RFC 7858), port 853.</summary>
    Tls,

    /// <summary><c>https</c>: DNS over HTTPS with HTTP/2 (RFC 8484), port 443.</summary>
    Https,

    /// <summary><c>https3</c>: DNS over HTTPS with HTTP/3 (RFC 8484, RFC 9114), port 443.</summary>
    Https3,

    /// <summary><c>grpc</c>: DNS messages over gRPC, port 443.</summary>
    Grpc,

    /// <summary><c>quic</c>: DNS over QUIC (RFC 9250), port 853.</summary>
    Quic,
}
