namespace MiniDns.Cluster.Objects;

/// <summary>A namespace: it exists.</summary>
public sealed class ClusterNamespace : ClusterObject
{
    internal ClusterNamespace(byte[] name)
        : base(name, 0)
    {
    }

    /// <inheritdoc/>
    public override ClusterResource Resource => ClusterResource.Namespace;

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterNamespace;
}
