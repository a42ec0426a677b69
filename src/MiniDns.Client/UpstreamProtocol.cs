namespace MiniDns.Client;

/// <summary>What carries messages to an upstream.</summary>
public enum UpstreamProtocol : byte
{
    /// <summary>UDP (RFC 1035 §4.2.1).</summary>
    Udp,

    /// <summary>TCP (RFC 7766).</summary>
    Tcp,

    /// <summary>TLS over TCP (RFC 7858).</summary>
    Tls,

    /// <summary>HTTPS (RFC 8484).</summary>
    Https,
}
