namespace MiniDns.Cluster.Objects;

/// <summary>What became of an object that was read.</summary>
public enum ClusterBuildOutcome
{
    /// <summary>There is an object.</summary>
    Built,

    /// <summary>The object exists in Kubernetes, but no more for DNS: a pod that ended or is terminating. To be deleted from the sink.</summary>
    Gone,

    /// <summary>It has no usable name or namespace: to be counted and skipped.</summary>
    Invalid,
}
