using MiniDns.Configuration;

namespace MiniDns.Plugins;

/// <summary>How a block's addresses are listened on; blocks that share an address share these.</summary>
public sealed class EndpointOptions
{
    /// <summary>Addresses to listen on (<c>bind</c>), each with its place in the Corefile; empty means every address.</summary>
    public List<(System.Net.IPAddress Address, SourceSpan Span)> BindAddresses { get; } = [];

    /// <summary>UDP sockets for each address (<c>multisocket</c>); null means as many as there are processors.</summary>
    public int? Sockets { get; set; }

    /// <summary>How long a TCP client may take to send a message; null for the server's default (<c>timeouts</c>).</summary>
    public TimeSpan? ReadTimeout { get; set; }

    /// <summary>How long sending a TCP reply may take; null for the server's default.</summary>
    public TimeSpan? WriteTimeout { get; set; }

    /// <summary>How long a TCP connection may stay open without a query; null for the server's default (RFC 7766 §6.2.3).</summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>The most queries of one TCP or TLS connection, which is closed after the last one's reply; null for no limit.</summary>
    public int? MaxStreamQueries { get; set; }

    /// <summary>How many UDP queries of one address may wait for something; null for the server's default (<c>overload</c>).</summary>
    public int? MaxWaitingQueries { get; set; }

    /// <summary>How much of that one client may take, in percent, before its queries are given up first; null for the server's default.</summary>
    public int? ClientSharePercent { get; set; }

    /// <summary>Whether queries that are given up are answered with SERVFAIL; null for the server's default, no answer.</summary>
    public bool? FailsWhenOverloaded { get; set; }

    /// <summary>True when what is dropped of UDP for want of room is counted under CoreDNS's name, too (<c>shed</c>).</summary>
    public bool CountsShed { get; set; }

    /// <summary>From whom PROXY protocol headers are taken; null for from nobody (<c>proxyproto</c>).</summary>
    public ProxyProtocolOptions? ProxyProtocol { get; set; }

    /// <summary>What <c>tls://</c> and <c>https://</c> addresses are encrypted with (<c>tls</c>); null for nothing.</summary>
    public IServerTls? Tls { get; set; }

    /// <summary>True when a proxy in front ends TLS, so that <c>tls://</c> and <c>https://</c> addresses are served without (<c>tls off</c>).</summary>
    public bool IsTlsOff { get; set; }

    /// <summary>The most connections of one <c>https://</c> address (<c>https</c>), 0 for any number; null for the server's default.</summary>
    public int? MaxHttpsConnections { get; set; }
}
