using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Answers questions for addresses, in reverse zones.</summary>
internal sealed class ReverseAnswers(KubernetesOptions options, KubernetesCluster cluster)
{
    /// <summary>Answers a reverse name: the service with that cluster address, else all endpoints with that address.</summary>
    public Finding Answer(in RecordWriter records, scoped DnsNameView name, DnsRecordType type)
    {
        Span<byte> octets = stackalloc byte[16];
        if (!ReverseText.TryRead(name, octets, out int bits, out bool isIPv4))
        {
            return Finding.NoName;
        }

        if (bits < (isIPv4 ? 32 : 128))
        {
            ClusterAddress first = ReverseText.Range(octets, bits, isIPv4, out ClusterAddress last);
            return cluster.Ranges.HasAny(first, last) ? Finding.NoDataYet : Finding.NoName;
        }

        ClusterAddress address = ClusterAddress.FromOctets(octets[..(isIPv4 ? 4 : 16)]);
        bool isKnown = AddServicePointer(records, name, type, address) || AddEndpointPointers(records, name, type, address);
        return !isKnown ? Finding.NoName : type == DnsRecordType.PTR ? Finding.Answered : Finding.NoData;
    }

    private bool AddServicePointer(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, ClusterAddress address)
    {
        foreach (ClusterService service in cluster.Store.ByClusterIP(address))
        {
            if (service.ClusterIPs.Contains(address) && ShowsPointers(service.Namespace))
            {
                AddPointer(records, name, type, default, service.Name, service.Namespace);
                return true;
            }
        }

        return false;
    }

    private bool AddEndpointPointers(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, ClusterAddress address)
    {
        bool isKnown = false;
        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        foreach (ClusterEndpointSlice slice in cluster.Store.ByEndpoint(address))
        {
            if (!ShowsPointers(slice.Namespace))
            {
                continue;
            }

            for (int i = 0; i < slice.Count; i++)
            {
                if (ClusterAddress.FromOctets(slice.AddressAt(i)).Equals(address))
                {
                    int length = EndpointAnswers.WriteLabel(slice, i, options.EndpointPodNames, label);
                    AddPointer(records, name, type, label[..length], slice.Service, slice.Namespace);
                    isKnown = true;
                }
            }
        }

        return isKnown;
    }

    private bool ShowsPointers(ReadOnlySpan<byte> namespaceName) =>
        options.Namespaces.Count > 0 || options.NamespaceLabels is not null ? cluster.ShowsNamespace(namespaceName) : true;

    private void AddPointer(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped ReadOnlySpan<byte> endpoint, ReadOnlySpan<byte> service, ReadOnlySpan<byte> namespaceName)
    {
        if (type != DnsRecordType.PTR || service.Length > DnsNameView.MaxLabelLength || namespaceName.Length > DnsNameView.MaxLabelLength)
        {
            return;
        }

        Span<byte> labels = stackalloc byte[2 * (DnsNameView.MaxLabelLength + 1)];
        labels[0] = (byte)service.Length;
        service.CopyTo(labels[1..]);
        labels[service.Length + 1] = (byte)namespaceName.Length;
        namespaceName.CopyTo(labels[(service.Length + 2)..]);
        Span<byte> target = stackalloc byte[DnsNameView.MaxLength];
        int length = RecordWriter.ServiceName(endpoint, default, labels[..(service.Length + namespaceName.Length + 2)], options.PrimaryZone.Wire, target);
        if (length > 0)
        {
            records.Name(name, DnsRecordType.PTR, new DnsNameView(target[..length]));
        }
    }
}
