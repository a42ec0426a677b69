using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Dnssec;

/// <summary>What the directive says.</summary>
internal sealed record DnssecOptions
{
    /// <summary>How many RRsets have their signatures kept, when nothing is said.</summary>
    public const int DefaultCapacity = 10_000;

    /// <summary>The zones that are signed, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The keys.</summary>
    public IReadOnlyList<SigningKey> Keys { get; init; } = [];

    /// <summary>How many RRsets have their signatures kept.</summary>
    public int Capacity { get; init; } = DefaultCapacity;

    /// <summary>True when some keys sign the DNSKEY RRset and the others all else: when there are keys of both kinds.</summary>
    public bool IsSplit => Keys.Any(k => k.IsEntryPoint) && Keys.Any(k => !k.IsEntryPoint);
}
