using System.Text;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>Manifests, written short.</summary>
internal static class Objects
{
    public static string Namespace(string name) => $"---\nkind: Namespace\napiVersion: v1\nmetadata: {{ name: {name} }}\n";

    /// <summary>A service.</summary>
    /// <param name="name"><c>namespace/name</c>.</param>
    /// <param name="addresses">Its cluster addresses; <c>None</c> for a headless one.</param>
    /// <param name="ports">Each <c>name/protocol/number</c>.</param>
    public static string Service(string name, string addresses, params string[] ports) =>
        $"---\nkind: Service\napiVersion: v1\nmetadata: {Name(name)}\nspec:\n  clusterIPs: [{Quote(addresses)}]\n  ports: [{Ports(ports)}]\n";

    public static string External(string name, string target) =>
        $"---\nkind: Service\napiVersion: v1\nmetadata: {Name(name)}\nspec: {{ type: ExternalName, externalName: \"{target}\" }}\n";

    /// <summary>An endpoint slice of the service of the same name.</summary>
    /// <param name="name"><c>namespace/service/slice</c>.</param>
    /// <param name="endpoints">Each an address, with more fields behind it: <c>10.0.0.1 hostname: db-0</c>.</param>
    /// <param name="ports">Each <c>name/protocol/number</c>.</param>
    /// <param name="labels">More labels.</param>
    public static string Slice(string name, string[] endpoints, string[] ports, string? labels = null)
    {
        string[] parts = name.Split('/');
        var text = new StringBuilder($"---\nkind: EndpointSlice\napiVersion: discovery.k8s.io/v1\nmetadata:\n  namespace: {parts[0]}\n  name: {parts[2]}\n  labels: {{ {labels ?? "kubernetes.io/service-name: " + parts[1]} }}\nendpoints:\n");
        foreach (string endpoint in endpoints)
        {
            string[] words = endpoint.Split(' ', 2);
            text.Append($"  - {{ addresses: [\"{words[0]}\"]{(words.Length > 1 ? ", " + words[1] : "")} }}\n");
        }

        return text.Append($"ports: [{Ports(ports)}]\n").ToString();
    }

    public static string Pod(string name, string addresses, string phase = "Running") =>
        $"---\nkind: Pod\napiVersion: v1\nmetadata: {Name(name)}\nstatus: {{ phase: {phase}, podIPs: [{string.Join(", ", addresses.Split(", ").Select(a => $"{{ ip: \"{a}\" }}"))}] }}\n";

    public static string Import(string name, string type, string addresses, params string[] ports) =>
        $"---\nkind: ServiceImport\napiVersion: multicluster.x-k8s.io/v1beta1\nmetadata: {Name(name)}\nspec: {{ type: {type}, ips: [{Quote(addresses)}], ports: [{Ports(ports)}] }}\n";

    private static string Name(string name)
    {
        string[] parts = name.Split('/');
        return $"{{ namespace: {parts[0]}, name: {parts[1]} }}";
    }

    private static string Quote(string addresses) => addresses.Length == 0 ? "" : string.Join(", ", addresses.Split(", ").Select(a => $"\"{a}\""));

    private static string Ports(string[] ports) => string.Join(", ", ports.Select(p => p.Split('/')).Select(p => $"{{ name: \"{p[0]}\", protocol: {p[1]}, port: {p[2]} }}"));
}
