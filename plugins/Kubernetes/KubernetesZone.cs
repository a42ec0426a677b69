using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>One zone of a directive.</summary>
/// <param name="Name">Its name, in lower case.</param>
/// <param name="IsReverse">True for a zone of addresses.</param>
/// <param name="IsMulticluster">True for a zone of multicluster services.</param>
internal sealed record KubernetesZone(DnsName Name, bool IsReverse, bool IsMulticluster)
{
    /// <summary>Octets of the name.</summary>
    public int Length => Name.Length;
}
