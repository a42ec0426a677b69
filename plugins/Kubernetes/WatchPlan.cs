using MiniDns.Cluster;
using MiniDns.Cluster.Objects;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Works out what a directive has to watch, and no more: a Role is enough where namespaces are listed.</summary>
internal static class WatchPlan
{
    private const string LivingPods = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

    /// <summary>The watches and fields that a directive and its neighbours need.</summary>
    public static ClusterWatchRequest For(KubernetesOptions options, IReadOnlyList<IClusterInterest> interests, bool needsPodLabels)
    {
        string? labels = options.Labels?.Text;
        List<ClusterWatch> watches = [];
        Add(watches, options, ClusterResource.Namespace, options.NamespaceLabels?.Text);
        Add(watches, options, ClusterResource.Service, labels);
        if (options.Endpoints)
        {
            Add(watches, options, ClusterResource.EndpointSlice, labels);
        }

        if (options.Pods == PodMode.Verified)
        {
            Add(watches, options, ClusterResource.Pod, labels, LivingPods);
        }

        if (options.MulticlusterZones.Count > 0)
        {
            Add(watches, options, ClusterResource.ServiceImport, labels, isOptional: true);
        }

        foreach (ClusterResource resource in interests.SelectMany(i => i.Resources).Distinct().Where(r => !watches.Exists(w => w.Resource == r)).ToArray())
        {
            Add(watches, options, resource, labels, resource == ClusterResource.Pod ? LivingPods : null, isOptional: resource is not ClusterResource.Pod);
        }

        ClusterFields fields = (options.EndpointPodNames ? ClusterFields.EndpointPodNames : 0) | (options.Zonal ? ClusterFields.EndpointZones : 0)
            | (needsPodLabels ? ClusterFields.PodLabels : 0);
        return new ClusterWatchRequest(watches, interests.Aggregate(fields, (all, interest) => all | interest.Fields));
    }

    private static void Add(List<ClusterWatch> watches, KubernetesOptions options, ClusterResource resource, string? labels, string? fields = null, bool isOptional = false)
    {
        if (options.Namespaces.Count == 0)
        {
            watches.Add(new ClusterWatch(resource, null, labels, fields, isOptional));
            return;
        }

        watches.AddRange(options.Namespaces.Select(n => new ClusterWatch(resource, n, labels, fields, isOptional)));
    }
}
