namespace MiniDns.Server.Transport;

/// <summary>What the first octets of a datagram or connection are.</summary>
internal enum ProxyHeaderStatus
{
    /// <summary>Not a PROXY protocol header.</summary>
    None,

    /// <summary>What there is may be the beginning of one.</summary>
    Incomplete,

    /// <summary>One that breaks the protocol's rules, or is for another transport.</summary>
    Malformed,

    /// <summary>A header with addresses.</summary>
    Proxied,

    /// <summary>A header that says nothing of a client: the proxy's own question, or one whose client it does not tell.</summary>
    Local,
}
