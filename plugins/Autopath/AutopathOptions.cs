using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Autopath;

/// <summary>What an <c>autopath</c> directive says.</summary>
internal sealed record AutopathOptions
{
    /// <summary>The most domains of a search path; each may cost questions of the server's own.</summary>
    public const int MaxDomains = 32;

    /// <summary>The zones whose names are completed, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>True when the search path is that of the pods of a cluster.</summary>
    public bool FollowsCluster { get; init; }

    /// <summary>The whole search path, or what comes behind the cluster's domains in it.</summary>
    public IReadOnlyList<DnsName> Domains { get; init; } = [];
}
