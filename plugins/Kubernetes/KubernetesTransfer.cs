using System.Buffers.Binary;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Plugins.Authority;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Gives the zones of a cluster to <c>transfer</c>: the names of services and endpoints; not those of pods, of topology zones, or
/// of addresses.</summary>
internal sealed class KubernetesTransfer(KubernetesOptions options, KubernetesCluster cluster, KubernetesZones zones) : ITransferSource
{
    /// <inheritdoc/>
    public bool TryGetZone(DnsNameView origin, out ITransferZone? zone)
    {
        KubernetesZone? ours = zones.FindApex(origin);
        zone = ours is not null && cluster.Store.IsSynchronised ? VersionOf(ours) : null;
        return ours is not null;
    }

    private GeneratedZone VersionOf(KubernetesZone zone)
    {
        uint serial = cluster.SerialOf(zone);
        byte[] rdata = new byte[(2 * DnsNameView.MaxLength) + 64];
        int length = RecordWriter.SoaRdata(zone.Name.Wire, serial, options.SoaMinimum, rdata);
        var soa = new RRset(zone.Name, DnsRecordType.SOA, DnsRecordClass.IN, Math.Min(options.Ttl, 300), [rdata.AsMemory(0, length)]);
        return new GeneratedZone(soa, serial, () => RecordsOf(zone));
    }

    /// <summary>Makes the records of one service at a time.</summary>
    private IEnumerable<RRset> RecordsOf(KubernetesZone zone)
    {
        List<ClusterName> names = [];
        foreach (ClusterName name in zone.IsReverse ? new HashIndex<ClusterName>().All() : cluster.Store.Names.All())
        {
            names.Add(name);
        }

        return NameServersOf(zone).Concat(names.OrderBy(n => Convert.ToHexString(n.Labels), StringComparer.Ordinal).SelectMany(n => RecordsOf(n, zone)));
    }

    private List<RRset> NameServersOf(KubernetesZone zone)
    {
        var sets = new RecordSets();
        foreach (NameServer server in cluster.NameServers.Now())
        {
            byte[] name = new byte[DnsNameView.MaxLength];
            DnsName host = DnsName.FromView(server.WriteName(zone.Name.Wire, name));
            sets.Add(zone.Name, DnsRecordType.NS, options.Ttl, host.Wire.ToArray());

            // names of services come with their addresses anyway
            if (host.Wire.StartsWith("\u0002ns\u0003dns"u8))
            {
                AddAddress(sets, host, server.Address);
            }
        }

        return sets.ToList();
    }

    private List<RRset> RecordsOf(ClusterName name, KubernetesZone zone)
    {
        ReadOnlySpan<byte> labels = name.Labels;
        var sets = new RecordSets();
        if (!cluster.ShowsNamespace(labels[(labels[0] + 2)..]) || NameOf(default, default, labels, zone) is not { } own)
        {
            return [];
        }

        if (zone.IsMulticluster && name.Import is { } import)
        {
            AddService(sets, own, name, zone, import.IsHeadless, import.Addresses, import.Ports, name.ImportedSlices);
        }
        else if (!zone.IsMulticluster && name.Service is { } service)
        {
            if (service.Type != ClusterServiceType.ExternalName)
            {
                AddService(sets, own, name, zone, service.IsHeadless, service.ClusterIPs, service.Ports, name.Slices);
            }
            else if (service.ExternalName is { } target)
            {
                sets.Add(own, DnsRecordType.CNAME, options.Ttl, target.Wire.ToArray());
            }
        }

        return sets.ToList();
    }

    private void AddService(RecordSets sets, DnsName own, ClusterName name, KubernetesZone zone, bool isHeadless, ReadOnlySpan<ClusterAddress> addresses,
        ReadOnlySpan<ClusterPort> ports, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        if (!isHeadless)
        {
            AddClusterIP(sets, own, addresses, ports);
            return;
        }

        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        foreach (ClusterEndpointSlice slice in slices)
        {
            // CoreDNS weighs the endpoints of a slice among themselves here
            ushort weight = (ushort)Math.Max(1, 100 / Math.Max(1, slice.Count));
            for (int i = 0; i < slice.Count; i++)
            {
                int length = EndpointAnswers.WriteLabel(slice, i, options.EndpointPodNames, label);
                AddAddress(sets, own, slice.AddressAt(i));
                if (NameOf(label[..length], zone.IsMulticluster ? slice.Cluster : default, name.Labels, zone) is not { } host)
                {
                    continue;
                }

                AddAddress(sets, host, slice.AddressAt(i));
                foreach (ref readonly ClusterPort port in slice.Ports)
                {
                    AddPort(sets, own, port, weight, host);
                }
            }
        }
    }

    private void AddClusterIP(RecordSets sets, DnsName own, ReadOnlySpan<ClusterAddress> addresses, ReadOnlySpan<ClusterPort> ports)
    {
        Span<byte> octets = stackalloc byte[16];
        foreach (ClusterAddress address in addresses)
        {
            AddAddress(sets, own, octets[..address.CopyTo(octets)]);
        }

        foreach (ref readonly ClusterPort port in addresses.IsEmpty ? default : ports)
        {
            if (port.Number != ClusterPort.NoPort)
            {
                sets.Add(own, DnsRecordType.SRV, options.Ttl, ServiceRdata(port.Number, 100, own));
                AddPort(sets, own, port, 100, own);
            }
        }
    }

    private void AddPort(RecordSets sets, DnsName own, in ClusterPort port, ushort weight, DnsName host)
    {
        if (port.Number != ClusterPort.NoPort && port.ToLabels() is { Length: > 0 } labels && DnsName.TryFromWire([.. labels, .. own.Wire], out DnsName? name))
        {
            sets.Add(name, DnsRecordType.SRV, options.Ttl, ServiceRdata(port.Number, weight, host));
        }
    }

    private void AddAddress(RecordSets sets, DnsName owner, ReadOnlySpan<byte> address) =>
        sets.Add(owner, address.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, options.Ttl, address.ToArray());

    private static byte[] ServiceRdata(int port, ushort weight, DnsName target)
    {
        byte[] rdata = new byte[6 + target.Length];
        BinaryPrimitives.WriteUInt16BigEndian(rdata.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(rdata.AsSpan(4), (ushort)port);
        target.Wire.CopyTo(rdata.AsSpan(6));
        return rdata;
    }

    private static DnsName? NameOf(ReadOnlySpan<byte> endpoint, ReadOnlySpan<byte> clusterName, ReadOnlySpan<byte> labels, KubernetesZone zone)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        int length = RecordWriter.ServiceName(endpoint, clusterName, labels, zone.Name.Wire, wire);
        return length == 0 ? null : DnsName.FromView(new DnsNameView(wire[..length]));
    }
}
