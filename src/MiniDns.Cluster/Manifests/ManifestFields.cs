using System.Text;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Manifests;

/// <summary>Hands the fields of a document to a builder, and complains where an API server would.</summary>
internal static class ManifestFields
{
    /// <summary>Reads an object.</summary>
    /// <returns>Its labels.</returns>
    internal static Dictionary<string, string> Read(ManifestNode node, ClusterResource resource, ClusterObjectBuilder builder)
    {
        builder.Begin(resource);
        Dictionary<string, string> labels = ReadMetadata(node.Require("metadata"), resource, builder);
        switch (resource)
        {
            case ClusterResource.Service:
                ReadService(node, builder);
                break;
            case ClusterResource.EndpointSlice:
                ReadSlice(node, builder);
                break;
            case ClusterResource.Pod:
                ReadPod(node, builder);
                break;
            case ClusterResource.ServiceImport:
                ReadImport(node.Require("spec"), builder);
                break;
            case ClusterResource.Ingress:
                ReadIngress(node, builder);
                break;
            case ClusterResource.Gateway:
                ReadGateway(node, builder);
                break;
            case ClusterResource.HttpRoute:
                ReadRoute(node.Require("spec"), builder);
                break;
            default:
                break;
        }

        return labels;
    }

    private static Dictionary<string, string> ReadMetadata(ManifestNode metadata, ClusterResource resource, ClusterObjectBuilder builder)
    {
        ManifestNode name = metadata.Require("name");
        builder.SetName(name.Utf8);
        if (builder.Name.IsEmpty)
        {
            throw name.Wrong("is not a name: 1 to 253 letters, digits and dashes");
        }

        if (resource != ClusterResource.Namespace)
        {
            builder.SetNamespace(metadata.Get("namespace")?.Utf8 ?? "default"u8);
        }

        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach ((string key, ManifestNode value) in metadata.Get("labels")?.Members ?? [])
        {
            labels[key] = value.Text;
            builder.AddLabel(Encoding.UTF8.GetBytes(key), value.Utf8);
        }

        foreach ((string key, ManifestNode value) in metadata.Get("annotations")?.Members ?? [])
        {
            builder.AddAnnotation(Encoding.UTF8.GetBytes(key), value.Utf8);
        }

        return labels;
    }

    private static void ReadService(ManifestNode node, ClusterObjectBuilder builder)
    {
        ManifestNode spec = node.Require("spec");
        string type = spec.Get("type")?.Text ?? "ClusterIP";
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            throw spec.Get("type")!.Value.Wrong($"'{type}' is none of ClusterIP, NodePort, LoadBalancer and ExternalName");
        }

        builder.SetType(Encoding.UTF8.GetBytes(type));
        if (type == "ExternalName")
        {
            ManifestNode target = spec.Require("externalName");
            builder.SetExternalName(target.Utf8);
        }
        else
        {
            if (spec.Get("clusterIP") is null && spec.Get("clusterIPs") is null)
            {
                throw spec.Wrong("has no 'clusterIP': there is no API server here that would choose one; write an address or 'None'");
            }

            foreach (ManifestNode address in Addresses(spec.Get("clusterIP"), spec.Get("clusterIPs")))
            {
                builder.AddClusterIP(address.Text == "None" ? address.Utf8 : CheckAddress(address));
            }
        }

        ReadPorts(spec, builder);
        foreach (ManifestNode address in spec.Get("externalIPs")?.Items ?? [])
        {
            builder.AddExternalIP(CheckAddress(address));
        }

        ReadLoadBalancer(node, builder);
    }

    private static IEnumerable<ManifestNode> Addresses(ManifestNode? one, ManifestNode? several)
    {
        if (one is { } first)
        {
            yield return first;
        }

        foreach (ManifestNode address in several?.Items ?? [])
        {
            yield return address;
        }
    }

    private static void ReadLoadBalancer(ManifestNode node, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode ingress in node.Get("status")?.Get("loadBalancer")?.Get("ingress")?.Items ?? [])
        {
            if (ingress.Get("ip") is { } address)
            {
                builder.AddIngressAddress(CheckAddress(address));
            }
            else if (ingress.Get("hostname") is { } name)
            {
                builder.AddIngressName(name.Utf8);
            }
        }
    }

    private static void ReadPorts(ManifestNode owner, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode port in owner.Get("ports")?.Items ?? [])
        {
            builder.AddPort(port.Get("name")?.Utf8, port.Get("protocol")?.Utf8, port.Get("port")?.Integer(0, ushort.MaxValue) ?? ClusterPort.NoPort);
        }
    }

    private static void ReadSlice(ManifestNode node, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode endpoint in node.Get("endpoints")?.Items ?? [])
        {
            builder.BeginEndpoint();
            foreach (ManifestNode address in endpoint.Require("addresses").Items)
            {
                builder.AddEndpointAddress(CheckAddress(address));
            }

            if (endpoint.Get("conditions")?.Get("ready") is { } ready)
            {
                builder.SetEndpointReady(ready.Boolean);
            }

            if (endpoint.Get("hostname") is { } name)
            {
                builder.SetEndpointHostName(name.Utf8);
            }

            if (endpoint.Get("targetRef")?.Get("name") is { } pod)
            {
                builder.SetEndpointPodName(pod.Utf8);
            }

            if (endpoint.Get("zone") is { } zone)
            {
                builder.SetEndpointZone(zone.Utf8);
            }

            builder.EndEndpoint();
        }

        ReadPorts(node, builder);
    }

    private static void ReadPod(ManifestNode node, ClusterObjectBuilder builder)
    {
        if (node.Get("metadata")?.Get("deletionTimestamp") is not null)
        {
            builder.SetTerminating();
        }

        if (node.Get("status") is not { } status)
        {
            return;
        }

        if (status.Get("phase") is { } phase)
        {
            builder.SetPhase(phase.Utf8);
        }

        if (status.Get("podIP") is { } address)
        {
            builder.AddPodIP(CheckAddress(address));
        }

        foreach (ManifestNode entry in status.Get("podIPs")?.Items ?? [])
        {
            builder.AddPodIP(CheckAddress(entry.Require("ip")));
        }
    }

    private static void ReadImport(ManifestNode spec, ClusterObjectBuilder builder)
    {
        if (spec.Get("type") is { } type)
        {
            builder.SetType(type.Utf8);
        }

        foreach (ManifestNode address in spec.Get("ips")?.Items ?? [])
        {
            builder.AddClusterIP(CheckAddress(address));
        }

        ReadPorts(spec, builder);
    }

    private static void ReadIngress(ManifestNode node, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode rule in node.Get("spec")?.Get("rules")?.Items ?? [])
        {
            if (rule.Get("host") is { } host)
            {
                builder.AddHostName(host.Utf8);
            }
        }

        ReadLoadBalancer(node, builder);
    }

    private static void ReadGateway(ManifestNode node, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode listener in node.Get("spec")?.Get("listeners")?.Items ?? [])
        {
            if (listener.Get("hostname") is { } host)
            {
                builder.AddHostName(host.Utf8);
            }
        }

        foreach (ManifestNode address in node.Get("status")?.Get("addresses")?.Items ?? [])
        {
            if (address.Get("value") is { } value)
            {
                // an address in one form, a name in the other: each ignores what is not its own
                builder.AddIngressAddress(value.Utf8);
                builder.AddIngressName(value.Utf8);
            }
        }
    }

    private static void ReadRoute(ManifestNode spec, ClusterObjectBuilder builder)
    {
        foreach (ManifestNode host in spec.Get("hostnames")?.Items ?? [])
        {
            builder.AddHostName(host.Utf8);
        }

        foreach (ManifestNode parent in spec.Get("parentRefs")?.Items ?? [])
        {
            if (parent.Get("kind")?.Text is null or "Gateway")
            {
                builder.AddParent(parent.Get("namespace")?.Utf8, parent.Require("name").Utf8);
            }
        }
    }

    private static byte[] CheckAddress(ManifestNode node)
    {
        byte[] text = node.Utf8;
        return ClusterAddress.TryParse(text, out _) ? text : throw node.Wrong($"'{node.Text}' is not an IP address such as 10.0.0.1 or fd00::1");
    }
}
