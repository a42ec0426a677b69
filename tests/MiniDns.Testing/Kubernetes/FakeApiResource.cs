namespace MiniDns.Testing.Kubernetes;

/// <summary>A kind of object that the test API server knows.</summary>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Version">The group's version.</param>
/// <param name="Plural">The name in paths.</param>
/// <param name="Kind">The name in objects.</param>
/// <param name="Namespaced">Whether its objects are in namespaces.</param>
public sealed record FakeApiResource(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>What every cluster has of those that DNS asks for.</summary>
    public static IReadOnlyList<FakeApiResource> BuiltIn { get; } =
    [
        new("", "v1", "namespaces", "Namespace", Namespaced: false),
        new("", "v1", "services", "Service"),
        new("", "v1", "pods", "Pod"),
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
        new("networking.k8s.io", "v1", "ingresses", "Ingress"),
    ];

    /// <summary>Multi-cluster services, of a version.</summary>
    public static FakeApiResource ServiceImports(string version) => new("multicluster.x-k8s.io", version, "serviceimports", "ServiceImport");

    /// <summary>Gateways, of a version.</summary>
    public static FakeApiResource Gateways(string version) => new("gateway.networking.k8s.io", version, "gateways", "Gateway");

    /// <summary>Routes of gateways, of a version.</summary>
    public static FakeApiResource HttpRoutes(string version) => new("gateway.networking.k8s.io", version, "httproutes", "HTTPRoute");

    /// <summary>Group and version as objects carry them.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
