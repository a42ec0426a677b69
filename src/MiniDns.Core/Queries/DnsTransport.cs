namespace MiniDns.Queries;

/// <summary>How a query came.</summary>
public enum DnsTransport : byte
{
    /// <summary>UDP (RFC 1035 §4.2.1).</summary>
    Udp,

    /// <summary>TCP (RFC 7766).</summary>
    Tcp,

    /// <summary>TLS (RFC 7858).</summary>
    Tls,

    /// <summary>HTTPS (RFC 8484).</summary>
    Https,

    /// <summary>The server itself asks.</summary>
    Internal,
}
