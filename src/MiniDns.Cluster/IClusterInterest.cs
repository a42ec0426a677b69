using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster;

/// <summary>Says what else a plugin that follows a cluster has to watch, because another plugin of the block needs it. Provided at setup.</summary>
public interface IClusterInterest
{
    /// <summary>Kinds of objects, beyond those that the zones are made from.</summary>
    IReadOnlyList<ClusterResource> Resources { get; }

    /// <summary>Fields, beyond those that the zones are made from.</summary>
    ClusterFields Fields { get; }
}
