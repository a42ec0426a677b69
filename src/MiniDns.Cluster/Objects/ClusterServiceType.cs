namespace MiniDns.Cluster.Objects;

/// <summary>What a service is (<c>spec.type</c>).</summary>
public enum ClusterServiceType : byte
{
    /// <summary>Reached by an address of the cluster, or headless.</summary>
    ClusterIP,

    /// <summary>A cluster address and a port of each node.</summary>
    NodePort,

    /// <summary>A cluster address and a load balancer outside.</summary>
    LoadBalancer,

    /// <summary>A name elsewhere.</summary>
    ExternalName,
}
