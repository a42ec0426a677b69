using System.Net;
using MiniDns.Client.Secure;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>What one <c>forward</c> directive says.</summary>
internal sealed record ForwardOptions
{
    /// <summary>The most TOs of a directive.</summary>
    public const int MaxTargets = 15;

    /// <summary>After this time no further upstream is tried for a query.</summary>
    public static readonly TimeSpan QueryTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The most upstreams that are asked at the same time for one query.</summary>
    public const int MaxAtOnce = 6;

    /// <summary>The zones whose queries are forwarded: one, or the reverse zones of a network.</summary>
    public IReadOnlyList<DnsName> From { get; init; } = [DnsName.Root];

    /// <summary>Where they go.</summary>
    public IReadOnlyList<ForwardTarget> Targets { get; init; } = [];

    /// <summary>Zones whose queries are not forwarded after all.</summary>
    public IReadOnlyList<DnsName> Except { get; init; } = [];

    /// <summary>TCP, however the query came.</summary>
    public bool ForceTcp { get; init; }

    /// <summary>UDP first, however the query came.</summary>
    public bool PreferUdp { get; init; }

    /// <summary>The order of upstreams.</summary>
    public ForwardPolicy Policy { get; init; }

    /// <summary>How many upstreams are asked at once by <see cref="ForwardPolicy.Race"/>.</summary>
    public int RaceSize { get; init; } = 2;

    /// <summary>The share of queries that may be sent to a second upstream because the first is late; 0 for none, and no repetition of
    /// what is taken for lost either.</summary>
    public double HedgeShare { get; init; } = 0.1;

    /// <summary>Whether queries that wait are looked after.</summary>
    public bool IsHedging => HedgeShare > 0;

    /// <summary>After more failed checks in a row than this an upstream is down; 0 for never.</summary>
    public uint MaxFails { get; init; } = 2;

    /// <summary>The most failed tries of one query, 0 for no limit; null for twice as many as there are upstreams.</summary>
    public uint? MaxConnectAttempts { get; init; }

    /// <summary>The pause between failed health checks.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>RD in health checks.</summary>
    public bool HealthRecursion { get; init; } = true;

    /// <summary>The name in health checks.</summary>
    public DnsName HealthDomain { get; init; } = DnsName.Root;

    /// <summary>How long a socket without queries is kept.</summary>
    public TimeSpan Expire { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a socket is used at all; zero for no limit.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>The most connections without queries that are kept for an upstream; 0 for all.</summary>
    public int MaxIdleConnections { get; init; }

    /// <summary>How long one try waits for an answer.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most queries under way; 0 for no limit.</summary>
    public int MaxConcurrent { get; init; }

    /// <summary>Whether chains of aliases that an upstream leaves hanging are completed.</summary>
    public bool CompletesAliases { get; init; }

    /// <summary>Zones whose names have no IPv6 addresses for our clients.</summary>
    public IReadOnlyList<DnsName> FilterAaaa { get; init; } = [];

    /// <summary>Zones whose names have no IPv4 addresses for our clients.</summary>
    public IReadOnlyList<DnsName> FilterA { get; init; } = [];

    /// <summary>Whether answers are looked at.</summary>
    public bool IsRevising => CompletesAliases || FilterAaaa.Count > 0 || FilterA.Count > 0;

    /// <summary>Codes with which the next forward is asked.</summary>
    public IReadOnlyList<DnsResponseCode> Next { get; init; } = [];

    /// <summary>Whether the next forward is asked when there are no such records.</summary>
    public bool NextOnNoData { get; init; }

    /// <summary>Whether a query fails at once when all upstreams are down.</summary>
    public bool FailFast { get; init; }

    /// <summary>Codes with which the next upstream is asked.</summary>
    public IReadOnlyList<DnsResponseCode> Failover { get; init; } = [];

    /// <summary>Who is trusted and who we are, for upstreams over TLS and HTTPS; null for whom the system trusts, and nobody.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The name that the certificates of upstreams have to be for; null for their addresses.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Whether queries over HTTPS use GET.</summary>
    public bool HttpsGet { get; init; }

    /// <summary>Whether names go to upstreams over UDP in a random case.</summary>
    public bool RandomCase { get; init; } = true;

    /// <summary>Whether cookies are exchanged with upstreams.</summary>
    public bool Cookies { get; init; } = true;

    /// <summary>Whether clients' subnets (RFC 7871) are passed on to upstreams.</summary>
    public bool PassSubnets { get; init; }

    /// <summary>Whether private addresses for public names are refused.</summary>
    public bool RebindProtection { get; init; }

    /// <summary>The zones whose names may have private addresses.</summary>
    public IReadOnlyList<DnsName> RebindAllowed { get; init; } = [];

    /// <summary>The address to send from; null leaves it to the system.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>Whom to ask for the addresses of hosts; nobody means the system.</summary>
    public IReadOnlyList<IPEndPoint> Resolvers { get; init; } = [];
}
