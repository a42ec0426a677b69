using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>What a <c>k8s_external</c> directive says.</summary>
internal sealed record ExternalOptions
{
    /// <summary>The longest time to live, in seconds.</summary>
    public const int MaxTtl = 3600;

    /// <summary>The zones, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The first zone that is no reverse zone: PTR records lead into it. Null when there is none.</summary>
    public DnsName? PrimaryZone { get; init; }

    /// <summary>The label below each zone that the names of servers lie under, lower case.</summary>
    public string Apex { get; init; } = "dns";

    /// <summary>The time to live of all records, in seconds.</summary>
    public uint Ttl { get; init; } = 5;

    /// <summary>True when headless services without addresses outside are answered with their endpoints.</summary>
    public bool Headless { get; init; }

    /// <summary>Which objects' own host names are answered.</summary>
    public HostSources HostSources { get; init; }

    /// <summary>The names whose queries go on when the cluster does not have them.</summary>
    public Fallthrough Fallthrough { get; init; } = Fallthrough.None;
}
