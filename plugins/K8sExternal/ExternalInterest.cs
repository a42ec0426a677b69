using MiniDns.Cluster;
using MiniDns.Cluster.Objects;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>What has to be watched for the host names that are wanted.</summary>
internal sealed class ExternalInterest(ExternalOptions options) : IClusterInterest
{
    /// <inheritdoc/>
    public IReadOnlyList<ClusterResource> Resources { get; } =
    [
        .. (options.HostSources & HostSources.Ingress) != 0 ? (ClusterResource[])[ClusterResource.Ingress] : [],
        .. (options.HostSources & HostSources.Gateway) != 0 ? (ClusterResource[])[ClusterResource.Gateway, ClusterResource.HttpRoute] : [],
    ];

    /// <inheritdoc/>
    public ClusterFields Fields { get; } = (options.HostSources & HostSources.Service) != 0 ? ClusterFields.HostNameAnnotations : ClusterFields.None;
}
