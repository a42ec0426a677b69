using MiniDns.Cluster;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.Kubernetes;

/// <summary><c>kubernetes [ZONES...] { … }</c>: the names of the services and pods of a Kubernetes cluster.</summary>
public sealed class KubernetesPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "kubernetes";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<KubernetesCluster> clusters = [];
        KubernetesClusters? previous = setup.Previous<KubernetesClusters>();
        foreach (Directive directive in setup.Directives)
        {
            KubernetesOptions options = KubernetesDirective.Read(new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
            if (clusters.FindIndex(c => AreSame(c.Options, options)) is >= 0 and int first)
            {
                setup.Diagnostics.Error(directive.Span, $"kubernetes: this cluster already has a directive at {setup.Directives[first].Span}; write all its zones there, or give this one its own 'endpoint', 'kubeconfig' or 'manifests'");
            }

            var cluster = new KubernetesCluster(options, setup.Services, setup.Endpoint, previous?.At(clusters.Count));
            var zones = new KubernetesZones(options);
            var metadata = new KubernetesMetadata(cluster, zones);
            clusters.Add(cluster);
            setup.Use(next => new KubernetesHandler(options, cluster, zones, setup.Queries, next));
            setup.Run(cluster);
            setup.Provide<IReadinessProbe>(cluster);
            setup.Provide<IClusterView>(cluster);
            setup.Provide<ITransferSource>(new KubernetesTransfer(options, cluster, zones));
            setup.Provide<IMetadataSource>(metadata);

            // what neighbours need is known once all of them have bound their labels
            IReadOnlyList<IClusterInterest> interests = [];
            setup.WhenWired(block => interests = block.All<IClusterInterest>());
            setup.WhenServerWired(_ => cluster.Wire(interests, metadata.NeedsPodLabels));
        }

        setup.Provide(new KubernetesClusters(clusters));
    }

    private static bool AreSame(KubernetesOptions left, KubernetesOptions right) => left.Manifests.SequenceEqual(right.Manifests, StringComparer.Ordinal)
        && left.Api.Endpoint == right.Api.Endpoint && left.Api.KubeConfigPath == right.Api.KubeConfigPath && left.Api.KubeConfigContext == right.Api.KubeConfigContext;
}
