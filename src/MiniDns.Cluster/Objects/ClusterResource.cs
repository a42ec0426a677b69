namespace MiniDns.Cluster.Objects;

/// <summary>A kind of Kubernetes object that DNS answers are made from.</summary>
public enum ClusterResource
{
    /// <summary><c>v1 namespaces</c>.</summary>
    Namespace,

    /// <summary><c>v1 services</c>.</summary>
    Service,

    /// <summary><c>discovery.k8s.io/v1 endpointslices</c>; those of multicluster services too.</summary>
    EndpointSlice,

    /// <summary><c>v1 pods</c>.</summary>
    Pod,

    /// <summary><c>multicluster.x-k8s.io serviceimports</c>, v1beta1 or v1alpha1.</summary>
    ServiceImport,

    /// <summary><c>networking.k8s.io/v1 ingresses</c>.</summary>
    Ingress,

    /// <summary><c>gateway.networking.k8s.io gateways</c>, v1 or v1beta1.</summary>
    Gateway,

    /// <summary><c>gateway.networking.k8s.io httproutes</c>, v1 or v1beta1.</summary>
    HttpRoute,
}
