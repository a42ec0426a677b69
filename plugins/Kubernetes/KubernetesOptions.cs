using MiniDns.Cluster;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>What a <c>kubernetes</c> directive says.</summary>
internal sealed record KubernetesOptions
{
    /// <summary>The longest time to live, in seconds.</summary>
    public const int MaxTtl = 3600;

    /// <summary>The zones, in lower case.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The first zone that is no reverse zone.</summary>
    public DnsName PrimaryZone { get; init; } = DnsName.Root;

    /// <summary>The zones of multicluster services; some of <see cref="Zones"/>.</summary>
    public IReadOnlyList<DnsName> MulticlusterZones { get; init; } = [];

    /// <summary>The API server and how to ask it.</summary>
    public ClusterApiOptions Api { get; init; } = new();

    /// <summary>Files and directories of manifests; when there are any, no API server is asked.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>The only namespaces to show, lower case; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Which namespaces to show; null for all.</summary>
    public LabelSelector? NamespaceLabels { get; init; }

    /// <summary>Which services, slices and pods to show; null for all.</summary>
    public LabelSelector? Labels { get; init; }

    /// <summary>What names of pods get.</summary>
    public PodMode Pods { get; init; }

    /// <summary>True when endpoints without a host name are named after their pods.</summary>
    public bool EndpointPodNames { get; init; }

    /// <summary>The time to live of answers, in seconds.</summary>
    public uint Ttl { get; init; } = 5;

    /// <summary>The time to live of denials, in seconds; null when the directive says nothing about it.</summary>
    public uint? NegativeTtl { get; init; }

    /// <summary>False when endpoints are not watched.</summary>
    public bool Endpoints { get; init; } = true;

    /// <summary>True when a service without ready endpoints does not exist.</summary>
    public bool IgnoreEmptyServices { get; init; }

    /// <summary>True when names of topology zones are answered.</summary>
    public bool Zonal { get; init; }

    /// <summary>The names whose queries go on when the cluster does not have them.</summary>
    public Fallthrough Fallthrough { get; init; } = Fallthrough.None;

    /// <summary>How long the start waits for the cluster.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The file that the last known state is kept in; null for none.</summary>
    public string? SnapshotPath { get; init; }

    /// <summary>The MINIMUM of SOA records: how long resolvers keep a denial (RFC 2308 §5), in seconds.</summary>
    public uint SoaMinimum => NegativeTtl ?? Math.Min(Ttl, 1);
}
