namespace MiniDns.Plugins.Kubernetes;

/// <summary>The clusters of a block, for the configuration that replaces it.</summary>
internal sealed class KubernetesClusters(IReadOnlyList<KubernetesCluster> clusters)
{
    /// <summary>The cluster of the directive at an index; null when there was none.</summary>
    public KubernetesCluster? At(int index) => index < clusters.Count ? clusters[index] : null;
}
