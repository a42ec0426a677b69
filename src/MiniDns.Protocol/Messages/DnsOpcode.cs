namespace MiniDns.Protocol.Messages;

/// <summary>What a message asks for (RFC 1035 §4.1.1, IANA "DNS OpCodes").</summary>
public enum DnsOpcode : byte
{
    /// <summary>A standard query.</summary>
    Query = 0,

    /// <summary>An inverse query, obsolete (RFC 3425).</summary>
    InverseQuery = 1,

    /// <summary>A server status request.</summary>
    Status = 2,

    /// <summary>A zone change notification (RFC 1996).</summary>
    Notify = 4,

    /// <summary>A dynamic update (RFC 2136).</summary>
    Update = 5,

    /// <summary>Stateful operations (RFC 8490).</summary>
    StatefulOperations = 6,
}
