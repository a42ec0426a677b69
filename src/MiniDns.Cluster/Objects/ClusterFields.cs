namespace MiniDns.Cluster.Objects;

/// <summary>Fields that are kept only when somebody needs them: they cost memory for each object.</summary>
[Flags]
public enum ClusterFields
{
    /// <summary>What every DNS answer needs, and nothing else.</summary>
    None = 0,

    /// <summary>The names of the pods behind endpoints (<c>targetRef.name</c>).</summary>
    EndpointPodNames = 1,

    /// <summary>The topology zones of endpoints (<c>zone</c>).</summary>
    EndpointZones = 2,

    /// <summary>The labels of pods.</summary>
    PodLabels = 4,

    /// <summary>The host names that annotations of services ask for.</summary>
    HostNameAnnotations = 8,
}
