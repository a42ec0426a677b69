using System.Globalization;
using System.Text.Json;
using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Snapshots;

/// <summary>Writes objects as one line of JSON each, in the words of the Kubernetes API: what DNS keeps of them and no more.</summary>
internal static class SnapshotWriter
{
    /// <summary>Writes an object.</summary>
    public static void Write(Utf8JsonWriter json, ClusterObject item)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, item.Resource.ToString());
        json.WriteStartObject("metadata"u8);
        json.WriteString("name"u8, item.Name);
        if (!item.Namespace.IsEmpty)
        {
            json.WriteString("namespace"u8, item.Namespace);
        }

        if (item is ClusterEndpointSlice slice)
        {
            WriteSliceLabels(json, slice);
        }
        else if (item is ClusterPod pod)
        {
            WritePodLabels(json, pod);
        }
        else if (item is ClusterService { HostNames.Length: > 0 } named)
        {
            json.WriteStartObject("annotations"u8);
            json.WriteString("coredns.io/hostname"u8, string.Join(',', named.HostNames.ToArray().Select(n => n.ToString())));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        switch (item)
        {
            case ClusterService service:
                WriteService(json, service);
                break;
            case ClusterEndpointSlice endpoints:
                WriteEndpoints(json, endpoints);
                break;
            case ClusterPod pod:
                WritePod(json, pod);
                break;
            case ClusterServiceImport import:
                WriteImport(json, import);
                break;
            case ClusterHosts hosts:
                WriteHosts(json, hosts);
                break;
            default:
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteSliceLabels(Utf8JsonWriter json, ClusterEndpointSlice slice)
    {
        json.WriteStartObject("labels"u8);
        if (!slice.Service.IsEmpty)
        {
            json.WriteString("kubernetes.io/service-name"u8, slice.Service);
        }

        if (!slice.ImportedService.IsEmpty)
        {
            json.WriteString("multicluster.kubernetes.io/service-name"u8, slice.ImportedService);
        }

        if (!slice.Cluster.IsEmpty)
        {
            json.WriteString("multicluster.kubernetes.io/source-cluster"u8, slice.Cluster);
        }

        json.WriteEndObject();
    }

    private static void WritePodLabels(Utf8JsonWriter json, ClusterPod pod)
    {
        json.WriteStartObject("labels"u8);
        for (int i = 0; i < pod.LabelCount; i++)
        {
            json.WriteString(pod.LabelKeyAt(i), pod.LabelValueAt(i));
        }

        json.WriteEndObject();
    }

    private static void WriteService(Utf8JsonWriter json, ClusterService service)
    {
        json.WriteStartObject("spec"u8);
        json.WriteString("type"u8, service.Type.ToString());
        if (service.ExternalName is { } name)
        {
            json.WriteString("externalName"u8, name.ToString());
        }

        json.WriteStartArray("clusterIPs"u8);
        if (service.IsHeadless)
        {
            json.WriteStringValue("None"u8);
        }

        WriteAddresses(json, service.ClusterIPs);
        json.WriteEndArray();
        json.WriteStartArray("externalIPs"u8);
        WriteAddresses(json, service.ExternalIPs);
        json.WriteEndArray();
        WritePorts(json, service.Ports);
        json.WriteEndObject();
        WriteLoadBalancer(json, default, service.ExternalNames);
    }

    private static void WriteLoadBalancer(Utf8JsonWriter json, ReadOnlySpan<ClusterAddress> addresses, ReadOnlySpan<DnsName> names)
    {
        json.WriteStartObject("status"u8);
        json.WriteStartObject("loadBalancer"u8);
        json.WriteStartArray("ingress"u8);
        foreach (ClusterAddress address in addresses)
        {
            json.WriteStartObject();
            json.WriteString("ip"u8, address.ToString());
            json.WriteEndObject();
        }

        foreach (DnsName name in names)
        {
            json.WriteStartObject();
            json.WriteString("hostname"u8, name.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEndpoints(Utf8JsonWriter json, ClusterEndpointSlice slice)
    {
        json.WriteStartArray("endpoints"u8);
        for (int i = 0; i < slice.Count; i++)
        {
            json.WriteStartObject();
            json.WriteStartArray("addresses"u8);
            json.WriteStringValue(ClusterAddress.FromOctets(slice.AddressAt(i)).ToString());
            json.WriteEndArray();
            if (!slice.HostNameAt(i).IsEmpty)
            {
                json.WriteString("hostname"u8, slice.HostNameAt(i));
            }

            if (!slice.PodNameAt(i).IsEmpty)
            {
                json.WriteStartObject("targetRef"u8);
                json.WriteString("name"u8, slice.PodNameAt(i));
                json.WriteEndObject();
            }

            if (!slice.ZoneAt(i).IsEmpty)
            {
                json.WriteString("zone"u8, slice.ZoneAt(i));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        WritePorts(json, slice.Ports);
    }

    private static void WritePod(Utf8JsonWriter json, ClusterPod pod)
    {
        json.WriteStartObject("status"u8);
        json.WriteStartArray("podIPs"u8);
        foreach (ClusterAddress address in pod.Addresses)
        {
            json.WriteStartObject();
            json.WriteString("ip"u8, address.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteImport(Utf8JsonWriter json, ClusterServiceImport import)
    {
        json.WriteStartObject("spec"u8);
        json.WriteString("type"u8, import.IsHeadless ? "Headless"u8 : "ClusterSetIP"u8);
        json.WriteStartArray("ips"u8);
        WriteAddresses(json, import.Addresses);
        json.WriteEndArray();
        WritePorts(json, import.Ports);
        json.WriteEndObject();
    }

    private static void WriteHosts(Utf8JsonWriter json, ClusterHosts hosts)
    {
        json.WriteStartObject("spec"u8);
        bool isRoute = hosts.Resource == ClusterResource.HttpRoute;
        bool isGateway = hosts.Resource == ClusterResource.Gateway;
        json.WriteStartArray(isRoute ? "hostnames"u8 : isGateway ? "listeners"u8 : "rules"u8);
        foreach (DnsName name in hosts.HostNames)
        {
            if (isRoute)
            {
                json.WriteStringValue(name.ToString());
            }
            else
            {
                json.WriteStartObject();
                json.WriteString(isGateway ? "hostname"u8 : "host"u8, name.ToString());
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("parentRefs"u8);
        foreach (ClusterReference parent in hosts.Parents)
        {
            json.WriteStartObject();
            json.WriteString("namespace"u8, parent.Namespace);
            json.WriteString("name"u8, parent.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        if (!isGateway)
        {
            WriteLoadBalancer(json, hosts.Addresses, hosts.Targets);
            return;
        }

        json.WriteStartObject("status"u8);
        json.WriteStartArray("addresses"u8);
        foreach (string value in hosts.Addresses.ToArray().Select(a => a.ToString()).Concat(hosts.Targets.ToArray().Select(t => t.ToString())))
        {
            json.WriteStartObject();
            json.WriteString("value"u8, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAddresses(Utf8JsonWriter json, ReadOnlySpan<ClusterAddress> addresses)
    {
        foreach (ClusterAddress address in addresses)
        {
            json.WriteStringValue(address.ToString());
        }
    }

    private static void WritePorts(Utf8JsonWriter json, ReadOnlySpan<ClusterPort> ports)
    {
        json.WriteStartArray("ports"u8);
        foreach (ref readonly ClusterPort port in ports)
        {
            if (port.Protocol == ClusterProtocol.Other && port.Number == ClusterPort.NoPort)
            {
                continue;
            }

            json.WriteStartObject();
            json.WriteString("name"u8, port.Name);
            json.WriteString("protocol"u8, port.Protocol.ToString().ToUpperInvariant());
            if (port.Number != ClusterPort.NoPort)
            {
                json.WriteNumber("port"u8, port.Number);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
