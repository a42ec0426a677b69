namespace MiniDns.Plugins.Rewrite;

/// <summary>A fact about a query that an EDNS option may tell.</summary>
internal enum QueryVariable : byte
{
    /// <summary>The name, as text with the final dot.</summary>
    Name,

    /// <summary>The type, two octets.</summary>
    Type,

    /// <summary>The client's address, 4 or 16 octets.</summary>
    ClientAddress,

    /// <summary>The client's port, two octets.</summary>
    ClientPort,

    /// <summary><c>udp</c> or <c>tcp</c>; the latter for TLS and HTTPS as well.</summary>
    Protocol,

    /// <summary>The address that the query was sent to, 4 or 16 octets.</summary>
    ServerAddress,

    /// <summary>The port that it was sent to, two octets.</summary>
    ServerPort,
}
