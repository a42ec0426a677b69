using System.Net;
using MiniDns.Client.Secure;

namespace MiniDns.Client;

/// <summary>How an upstream is talked to.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The upstream's address and port.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>How the upstream wants to be talked to.</summary>
    public UpstreamScheme Scheme { get; init; }

    /// <summary>Who is trusted and who we are, for TLS and HTTPS; null for whom the system trusts, and nobody.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The name that the upstream's certificate has to be for; null for its address.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether queries over HTTPS use GET rather than POST (RFC 8484 §4.1).</summary>
    public bool HttpsGet { get; init; }

    /// <summary>Whether names go over UDP in a random case, which answers have to repeat ("0x20").</summary>
    public bool RandomizeCase { get; init; } = true;

    /// <summary>Whether cookies are exchanged over UDP (RFC 7873).</summary>
    public bool Cookies { get; init; } = true;

    /// <summary>The address to send from; null leaves it to the system.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>How long each try waits for its answer.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a socket without queries is kept.</summary>
    public TimeSpan Expire { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a socket is used at all; zero means no limit for TCP and <see cref="PortLifetime"/> for UDP.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>How long a UDP socket, and with it a source port, takes new queries.</summary>
    public TimeSpan PortLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>About how many queries a UDP socket takes before another port follows.</summary>
    public int PortQueries { get; init; } = 32_768;

    /// <summary>How many UDP sockets are open to the upstream at a time, those that only wait for answers not counted.</summary>
    public int UdpSockets { get; init; } = 4;

    /// <summary>The most queries that wait on one UDP socket; a query beyond it goes to another socket, in the end it fails as
    /// <see cref="ExchangeStatus.Busy"/>.</summary>
    public int MaxInFlightPerSocket { get; init; } = 4096;

    /// <summary>The most connections to the upstream, over TCP, TLS or HTTPS.</summary>
    public int MaxConnections { get; init; } = 8;

    /// <summary>The most queries that wait on one TCP connection.</summary>
    public int MaxInFlightPerConnection { get; init; } = 512;

    /// <summary>The most queries that wait for an answer over HTTPS.</summary>
    public int MaxInFlightHttps { get; init; } = 4096;

    /// <summary>The most TCP connections that are kept without queries; zero means all of them.</summary>
    public int MaxIdleConnections { get; init; }
}
