namespace MiniDns.Protocol.Messages;

/// <summary>The code of an EDNS option (IANA "DNS EDNS0 Option Codes"). Any other value can occur.</summary>
public enum EdnsOptionCode : ushort
{
    /// <summary>NSID: the server's identity (RFC 5001).</summary>
    NameServerId = 3,

    /// <summary>ECS: the client's subnet (RFC 7871).</summary>
    ClientSubnet = 8,

    /// <summary>EXPIRE: a zone's remaining expiry (RFC 7314).</summary>
    Expire = 9,

    /// <summary>COOKIE (RFC 7873).</summary>
    Cookie = 10,

    /// <summary>TCP keepalive (RFC 7828).</summary>
    TcpKeepalive = 11,

    /// <summary>Padding (RFC 7830).</summary>
    Padding = 12,

    /// <summary>EDE: what went wrong, in detail (RFC 8914).</summary>
    ExtendedError = 15,
}
