using System.Text.Json.Nodes;

namespace MiniDns.Testing.Kubernetes;

/// <summary>Objects as an API server has them, with the fields that DNS does not need, too.</summary>
public static class KubeObjects
{
    /// <summary>A namespace.</summary>
    public static JsonObject Namespace(string name, params (string Key, string Value)[] labels) => new()
    {
        ["kind"] = "Namespace",
        ["apiVersion"] = "v1",
        ["metadata"] = Metadata("", name, labels),
        ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") },
        ["status"] = new JsonObject { ["phase"] = "Active" },
    };

    /// <summary>A service with an address of the cluster, <c>None</c> for a headless one, and one port named http.</summary>
    public static JsonObject Service(string ns, string name, string clusterIP, params (string Key, string Value)[] labels) => new()
    {
        ["kind"] = "Service",
        ["apiVersion"] = "v1",
        ["metadata"] = Metadata(ns, name, labels),
        ["spec"] = new JsonObject
        {
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["protocol"] = "TCP", ["port"] = 80, ["targetPort"] = 8080 }),
            ["selector"] = new JsonObject { ["app"] = name },
            ["clusterIP"] = clusterIP,
            ["clusterIPs"] = new JsonArray(clusterIP),
            ["type"] = "ClusterIP",
            ["sessionAffinity"] = "None",
            ["ipFamilies"] = new JsonArray(clusterIP.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4"),
            ["ipFamilyPolicy"] = "SingleStack",
            ["internalTrafficPolicy"] = "Cluster",
        },
        ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
    };

    /// <summary>A slice of a service's ready endpoints, with one port named http.</summary>
    public static JsonObject Slice(string ns, string service, string suffix, params IEnumerable<string> addresses)
    {
        var endpoints = new JsonArray();
        string family = "IPv4";
        foreach (string address in addresses)
        {
            family = address.Contains(':', StringComparison.Ordinal) ? "IPv6" : family;
            endpoints.Add(new JsonObject
            {
                ["addresses"] = new JsonArray(address),
                ["conditions"] = new JsonObject { ["ready"] = true, ["serving"] = true, ["terminating"] = false },
                ["nodeName"] = "node-1",
                ["zone"] = "eu-west-1a",
                ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = ns, ["name"] = $"{service}-{address.Replace('.', '-').Replace(':', '-')}", ["uid"] = "3f2b" },
            });
        }

        return new JsonObject
        {
            ["kind"] = "EndpointSlice",
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["metadata"] = Metadata(ns, $"{service}-{suffix}", [("kubernetes.io/service-name", service), ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")]),
            ["addressType"] = family,
            ["endpoints"] = endpoints,
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["protocol"] = "TCP", ["port"] = 8080 }),
        };
    }

    /// <summary>A pod that runs.</summary>
    public static JsonObject Pod(string ns, string name, string phase, params string[] addresses) => new()
    {
        ["kind"] = "Pod",
        ["apiVersion"] = "v1",
        ["metadata"] = Metadata(ns, name, [("app", name)]),
        ["spec"] = new JsonObject { ["nodeName"] = "node-1", ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = "example/main:1" }) },
        ["status"] = new JsonObject
        {
            ["phase"] = phase,
            ["podIP"] = addresses.FirstOrDefault(),
            ["podIPs"] = new JsonArray([.. addresses.Select(a => new JsonObject { ["ip"] = a })]),
        },
    };

    /// <summary>A service of several clusters.</summary>
    public static JsonObject ServiceImport(string version, string ns, string name, params string[] addresses) => new()
    {
        ["kind"] = "ServiceImport",
        ["apiVersion"] = "multicluster.x-k8s.io/" + version,
        ["metadata"] = Metadata(ns, name, []),
        ["spec"] = new JsonObject
        {
            ["type"] = addresses.Length == 0 ? "Headless" : "ClusterSetIP",
            ["ips"] = new JsonArray([.. addresses.Select(a => JsonValue.Create(a))]),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["protocol"] = "TCP", ["port"] = 80 }),
        },
    };

    private static JsonObject Metadata(string ns, string name, (string Key, string Value)[] labels)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns.Length > 0)
        {
            metadata["namespace"] = ns;
        }

        metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
        if (labels.Length > 0)
        {
            metadata["labels"] = new JsonObject([.. labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))]);
        }

        metadata["managedFields"] = new JsonArray(new JsonObject
        {
            ["manager"] = "kube-controller-manager",
            ["operation"] = "Update",
            ["apiVersion"] = "v1",
            ["time"] = "2026-01-01T00:00:00Z",
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = new JsonObject { ["f:metadata"] = new JsonObject { ["f:labels"] = new JsonObject { ["."] = new JsonObject() } } },
        });
        return metadata;
    }
}
