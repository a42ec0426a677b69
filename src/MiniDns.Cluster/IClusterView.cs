using MiniDns.Cluster.Store;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster;

/// <summary>What a plugin that follows a cluster offers to the others of its block: the objects, and which of them it shows. A block may have
/// several, in the order in which queries meet them.</summary>
public interface IClusterView
{
    /// <summary>The zones it answers for, in lower case; reverse zones too.</summary>
    IReadOnlyList<DnsName> Zones { get; }

    /// <summary>Those of <see cref="Zones"/> that pods may have in their search paths: neither reverse zones nor those of multicluster services.</summary>
    IReadOnlyList<DnsName> SearchZones { get; }

    /// <summary>The first of <see cref="Zones"/> that is no reverse zone: the one that services have their names in.</summary>
    DnsName PrimaryZone { get; }

    /// <summary>The objects. Not to be kept: after a reload it may be another store.</summary>
    ClusterStore Store { get; }

    /// <summary>True when pods are watched: <see cref="ClusterStore.ByPodIP"/> knows them.</summary>
    bool HasPods { get; }

    /// <summary>The time to live of answers, in seconds.</summary>
    uint Ttl { get; }

    /// <summary>True when a namespace exists and its names may be shown.</summary>
    /// <param name="name">Its name, lower case.</param>
    bool ShowsNamespace(ReadOnlySpan<byte> name);

    /// <summary>Writes the label that an endpoint goes by: its host name, the name of its pod where that is wanted, or its address with dashes.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="index">The endpoint's place in it.</param>
    /// <param name="label">Takes the label's octets, at most 63.</param>
    /// <returns>How many.</returns>
    int WriteEndpointLabel(Objects.ClusterEndpointSlice slice, int index, Span<byte> label);

    /// <summary>The addresses of this server outside of loopback, as far as they are known.</summary>
    IReadOnlyList<Objects.ClusterAddress> LocalAddresses { get; }
}
