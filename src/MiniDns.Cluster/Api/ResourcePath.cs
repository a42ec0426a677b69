using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Where the API has a kind of objects: group, versions to try, plural.</summary>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Versions">The versions, the one to ask for first at the front.</param>
/// <param name="Plural">The kind's name in paths.</param>
internal sealed record ResourcePath(string Group, IReadOnlyList<string> Versions, string Plural)
{
    public static ResourcePath Of(ClusterResource resource) => resource switch
    {
        ClusterResource.Namespace => new("", ["v1"], "namespaces"),
        ClusterResource.Service => new("", ["v1"], "services"),
        ClusterResource.Pod => new("", ["v1"], "pods"),
        ClusterResource.EndpointSlice => new("discovery.k8s.io", ["v1"], "endpointslices"),
        ClusterResource.ServiceImport => new("multicluster.x-k8s.io", ["v1beta1", "v1alpha1"], "serviceimports"),
        ClusterResource.Ingress => new("networking.k8s.io", ["v1"], "ingresses"),
        ClusterResource.Gateway => new("gateway.networking.k8s.io", ["v1", "v1beta1"], "gateways"),
        ClusterResource.HttpRoute => new("gateway.networking.k8s.io", ["v1", "v1beta1"], "httproutes"),
        _ => throw new ArgumentOutOfRangeException(nameof(resource)),
    };

    /// <summary>The path of a collection, with the selectors as its query; further parameters may be appended.</summary>
    /// <param name="watch">What is wanted.</param>
    /// <param name="version">Which of <see cref="Versions"/>.</param>
    public string Collection(ClusterWatch watch, int version)
    {
        string root = Group.Length == 0 ? $"api/{Versions[version]}/" : $"apis/{Group}/{Versions[version]}/";
        bool oneNamespace = watch.Resource == ClusterResource.Namespace && watch.Namespace is not null;
        string path = watch.Namespace is null || oneNamespace ? root + Plural : $"{root}namespaces/{Uri.EscapeDataString(watch.Namespace)}/{Plural}";
        string fields = oneNamespace ? "metadata.name=" + watch.Namespace + (watch.FieldSelector is null ? "" : "," + watch.FieldSelector) : watch.FieldSelector ?? "";
        return path + "?"
            + (watch.LabelSelector is { Length: > 0 } labels ? $"labelSelector={Uri.EscapeDataString(labels)}&" : "")
            + (fields.Length > 0 ? $"fieldSelector={Uri.EscapeDataString(fields)}&" : "");
    }
}
