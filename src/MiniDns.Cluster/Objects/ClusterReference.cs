namespace MiniDns.Cluster.Objects;

/// <summary>The name of another object.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ClusterReference(string Namespace, string Name);
