namespace MiniDns.Client;

/// <summary>How an upstream wants to be talked to.</summary>
public enum UpstreamScheme : byte
{
    /// <summary>Plain DNS, over UDP and TCP.</summary>
    Dns,

    /// <summary>DNS over TLS, and nothing else (RFC 7858).</summary>
    Tls,

    /// <summary>DNS over HTTPS, and nothing else (RFC 8484).</summary>
    Https,
}
