using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Search;

/// <summary>What a <c>search</c> directive says.</summary>
internal sealed record SearchOptions
{
    /// <summary>The most domains; each may cost questions of the server's own.</summary>
    public const int MaxDomains = 32;

    /// <summary>The largest <c>ndots</c>, as in resolv.conf(5).</summary>
    public const int MaxNdots = 15;

    /// <summary>The domains to try, in this order, in lower case.</summary>
    public required IReadOnlyList<DnsName> Domains { get; init; }

    /// <summary>Names with fewer dots than this, the final one not counted, are searched for.</summary>
    public int Ndots { get; init; } = 1;
}
