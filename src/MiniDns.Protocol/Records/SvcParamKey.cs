namespace MiniDns.Protocol.Records;

/// <summary>The key of an SVCB or HTTPS parameter (IANA "DNS Service Bindings (SVCB)"). Any other value can occur.</summary>
public enum SvcParamKey : ushort
{
    /// <summary>mandatory: the keys a client must understand (RFC 9460 §8).</summary>
    Mandatory = 0,

    /// <summary>alpn: the protocols the service speaks (RFC 9460 §7.1).</summary>
    Alpn = 1,

    /// <summary>no-default-alpn: only those protocols (RFC 9460 §7.1).</summary>
    NoDefaultAlpn = 2,

    /// <summary>port (RFC 9460 §7.2).</summary>
    Port = 3,

    /// <summary>ipv4hint (RFC 9460 §7.3).</summary>
    IPv4Hint = 4,

    /// <summary>ech: the configuration of Encrypted ClientHello.</summary>
    EncryptedClientHello = 5,

    /// <summary>ipv6hint (RFC 9460 §7.3).</summary>
    IPv6Hint = 6,

    /// <summary>dohpath: the URI template of DNS over HTTPS (RFC 9461 §5).</summary>
    DohPath = 7,

    /// <summary>ohttp: the service speaks Oblivious HTTP (RFC 9540).</summary>
    Ohttp = 8,

    /// <summary>tls-supported-groups: the key exchange groups the service accepts.</summary>
    TlsSupportedGroups = 9,
}
