using MiniDns.Cluster;
using MiniDns.Configuration;
using MiniDns.Plugins;

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
            clusters.Add(cluster);
            setup.Use(next => new KubernetesHandler(options, cluster, setup.Queries, next));
            setup.Run(cluster);
            setup.Provide<IReadinessProbe>(cluster);
            setup.Provide<IClusterView>(cluster);
            setup.WhenWired(cluster.Wire);
        }

        setup.Provide(new KubernetesClusters(clusters));
    }

    private static bool AreSame(KubernetesOptions left, KubernetesOptions right) => left.Manifests.SequenceEqual(right.Manifests)
        && left.Api.Endpoint == right.Api.Endpoint && left.Api.KubeConfigPath == right.Api.KubeConfigPath && left.Api.KubeConfigContext == right.Api.KubeConfigContext;
}
