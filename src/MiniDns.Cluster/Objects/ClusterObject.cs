using System.Text;

namespace MiniDns.Cluster.Objects;

/// <summary>A Kubernetes object, stripped to what DNS needs of it. Immutable; made by <see cref="ClusterObjectBuilder"/>.</summary>
public abstract class ClusterObject
{
    private readonly byte[] _key;
    private readonly byte _namespaceLength;

    private protected ClusterObject(byte[] key, int namespaceLength)
    {
        _key = key;
        _namespaceLength = (byte)namespaceLength;
    }

    /// <summary>What it is.</summary>
    public abstract ClusterResource Resource { get; }

    /// <summary>The namespace it is in, lower case; empty for a <see cref="ClusterNamespace"/>.</summary>
    public ReadOnlySpan<byte> Namespace => _key.AsSpan(0, _namespaceLength);

    /// <summary>Its name, lower case.</summary>
    public ReadOnlySpan<byte> Name => _key.AsSpan(_namespaceLength);

    /// <summary>The list that last showed the object. Written only under the lock of the store that owns it.</summary>
    internal uint SeenIn { get; set; }

    /// <summary>True when another object of the same name says the same.</summary>
    public abstract bool SaysTheSame(ClusterObject other);

    /// <inheritdoc/>
    public override string ToString() => $"{Resource} {Encoding.UTF8.GetString(Namespace)}/{Encoding.UTF8.GetString(Name)}";
}
