using MiniDns.Plugins;

namespace MiniDns.Server.Transport;

/// <summary>How one address is served.</summary>
/// <param name="Sockets">UDP sockets, each with a thread of its own.</param>
/// <param name="ReadTimeout">How long a TCP client may take over one message.</param>
/// <param name="WriteTimeout">How long a TCP reply may take to leave.</param>
/// <param name="IdleTimeout">How long a TCP connection may be idle.</param>
internal sealed record EndpointSettings(int Sockets, TimeSpan ReadTimeout, TimeSpan WriteTimeout, TimeSpan IdleTimeout)
{
    /// <summary>CoreDNS's defaults: 3 s to read, 5 s to write, 10 s idle.</summary>
    public static EndpointSettings Default { get; } =
        new(Environment.ProcessorCount, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));

    /// <summary>What differs for DNS over HTTPS: CoreDNS's limit of 200 connections.</summary>
    public static EndpointSettings HttpsDefault { get; } = Default with { MaxConnections = 200 };

    /// <summary>What connections are encrypted with; null for nothing.</summary>
    public IServerTls? Tls { get; init; }

    /// <summary>The most TCP connections of one endpoint.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>The most TCP connections of one client address at one endpoint.</summary>
    public int MaxConnectionsPerClient { get; init; } = 1000;

    /// <summary>The most queries of one TCP connection that are worked on at once.</summary>
    public int MaxQueriesPerConnection { get; init; } = 128;

    /// <summary>The most queries of one TCP connection in all, which is closed after the last one's reply; null for no limit.</summary>
    public int? MaxQueries { get; init; }

    /// <summary>The most UDP queries of one endpoint that wait for something. When there are more, those that have waited longest
    /// are given up; when they do not end, only what is in memory is answered, and at twice as many, nothing. As many TCP queries
    /// may wait; further ones are answered from memory or with SERVFAIL.</summary>
    public int MaxWaitingQueries { get; init; } = 12_288;

    /// <summary>How much of <see cref="MaxWaitingQueries"/> one client may take, in percent, before its queries are given up ahead of others'.</summary>
    public int ClientSharePercent { get; init; } = 10;

    /// <summary>True when a query that is given up is answered with SERVFAIL; false when it is not answered.</summary>
    public bool FailsWhenOverloaded { get; init; }

    /// <summary>The address's name in the count of what is dropped for want of room (<c>shed</c>); null for no such count.</summary>
    public string? ShedLabel { get; init; }

    /// <summary>From whom PROXY protocol headers are taken; null for from nobody.</summary>
    public ProxyProtocolOptions? ProxyProtocol { get; init; }
}
