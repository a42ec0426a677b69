namespace MiniDns.Plugins.Tests.K8sExternal;

/// <summary>Manifests of what is seen outside, written short.</summary>
internal static class ExternalObjects
{
    /// <summary>A service.</summary>
    /// <param name="name"><c>namespace/name</c>.</param>
    /// <param name="externalIPs">Its external addresses.</param>
    /// <param name="ingress">What its load balancer tells: addresses, host names.</param>
    /// <param name="ports">Each <c>name/protocol/number</c>.</param>
    /// <param name="hostname">What the annotation asks for.</param>
    /// <param name="annotation">The annotation.</param>
    /// <param name="clusterIP">Its address in the cluster.</param>
    public static string Seen(string name, string externalIPs = "", string ingress = "", string[]? ports = null, string? hostname = null,
        string annotation = "coredns.io/hostname", string clusterIP = "10.96.0.1")
    {
        string list = string.Join(", ", (ports ?? ["http/TCP/80"]).Select(p => p.Split('/')).Select(p => $"{{ name: \"{p[0]}\", protocol: {p[1]}, port: {p[2]} }}"));
        string annotations = hostname is null ? "" : $", annotations: {{ {annotation}: \"{hostname}\" }}";
        return $"---\nkind: Service\napiVersion: v1\nmetadata: {{ {Name(name)}{annotations} }}\nspec: {{ clusterIP: {clusterIP}, externalIPs: [{Quoted(externalIPs)}], ports: [{list}] }}\n"
            + $"status: {{ loadBalancer: {{ ingress: [{Entries(ingress)}] }} }}\n";
    }

    public static string Ingress(string name, string ingress, params string[] hosts) =>
        $"---\nkind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata: {{ {Name(name)} }}\nspec: {{ rules: [{string.Join(", ", hosts.Select(h => $"{{ host: \"{h}\" }}"))}] }}\n"
        + $"status: {{ loadBalancer: {{ ingress: [{Entries(ingress)}] }} }}\n";

    public static string Gateway(string name, string addresses, params string[] hosts) =>
        $"---\nkind: Gateway\napiVersion: gateway.networking.k8s.io/v1\nmetadata: {{ {Name(name)} }}\nspec: {{ listeners: [{string.Join(", ", hosts.Select(h => $"{{ name: a, hostname: \"{h}\" }}"))}] }}\n"
        + $"status: {{ addresses: [{string.Join(", ", Split(addresses).Select(a => $"{{ value: \"{a}\" }}"))}] }}\n";

    /// <summary>A route.</summary>
    /// <param name="name"><c>namespace/name</c>.</param>
    /// <param name="parents">Gateways, <c>name</c> or <c>namespace/name</c>.</param>
    /// <param name="hosts">Its host names.</param>
    public static string Route(string name, string parents, params string[] hosts) =>
        $"---\nkind: HTTPRoute\napiVersion: gateway.networking.k8s.io/v1\nmetadata: {{ {Name(name)} }}\nspec: {{ hostnames: [{Quoted(string.Join(", ", hosts))}], "
        + $"parentRefs: [{string.Join(", ", Split(parents).Select(p => p.Contains('/', StringComparison.Ordinal) ? $"{{ {Name(p)} }}" : $"{{ name: {p} }}"))}] }}\n";

    private static string Name(string name) => $"namespace: {name.Split('/')[0]}, name: {name.Split('/')[1]}";

    private static string[] Split(string list) => list.Length == 0 ? [] : list.Split(", ");

    private static string Quoted(string list) => string.Join(", ", Split(list).Select(a => $"\"{a}\""));

    private static string Entries(string list) => string.Join(", ", Split(list).Select(a => System.Net.IPAddress.TryParse(a, out _) ? $"{{ ip: \"{a}\" }}" : $"{{ hostname: {a} }}"));
}
