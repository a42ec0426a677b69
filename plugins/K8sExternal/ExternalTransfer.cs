using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Configuration;
using MiniDns.Plugins.Authority;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Gives the zones to <c>transfer</c>. A transferred zone says what answers say: its records are those of the answers for all its names.</summary>
internal sealed class ExternalTransfer(ExternalOptions options, ExternalZones zones, ExternalAnswers answers) : ITransferSource
{
    private static readonly DnsRecordType[] Types = [DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.SRV, DnsRecordType.PTR];

    /// <inheritdoc/>
    public bool TryGetZone(DnsNameView origin, out ITransferZone? zone)
    {
        ExternalZone? ours = zones.FindApex(origin);
        zone = ours is not null && answers.IsSynchronised ? VersionOf(ours) : null;
        return ours is not null;
    }

    private GeneratedZone VersionOf(ExternalZone zone)
    {
        uint serial = answers.Serial;
        return new GeneratedZone(SetsOf(zone.Name, [DnsRecordType.SOA], zone)[0], serial, () => RecordsOf(zone));
    }

    /// <summary>Makes the records of one name at a time.</summary>
    private IEnumerable<RRset> RecordsOf(ExternalZone zone)
    {
        SortedSet<DnsName> names = [zone.Server];
        foreach (IClusterView view in answers.Views)
        {
            AddServices(names, zone, view);
        }

        foreach (DnsName host in zone.IsReverse ? [] : answers.Hosts.SelectMany(h => h.All()).Where(h => h.IsSubdomainOf(zone.Name) && !h.Equals(zone.Name)))
        {
            names.Add(host);
        }

        return SetsOf(zone.Name, [DnsRecordType.NS], zone).Concat(names.SelectMany(n => SetsOf(n, n.View.FirstLabel is [(byte)'_', ..] ? [DnsRecordType.SRV] : Types, zone)));
    }

    /// <summary>The records of an answer, as sets.</summary>
    private List<RRset> SetsOf(DnsName name, ReadOnlySpan<DnsRecordType> types, ExternalZone zone)
    {
        var sets = new RecordSets();
        var response = new DnsResponse();
        foreach (DnsRecordType type in types)
        {
            response.Clear();
            answers.Answer(response, name.View, type, zone, out _);
            foreach (ref readonly ResponseEntry entry in response.Entries)
            {
                if (entry.Section == DnsSection.Answer)
                {
                    sets.Add(name, entry.Type, entry.Ttl, response.RdataOf(entry).ToArray());
                }
            }
        }

        return sets.ToList();
    }

    private void AddServices(SortedSet<DnsName> names, ExternalZone zone, IClusterView view)
    {
        foreach (ClusterName name in view.Store.Names.All())
        {
            if (name.Service is not { } service || !view.ShowsNamespace(service.Namespace))
            {
                continue;
            }

            if (zone.IsReverse)
            {
                AddAddresses(names, zone, service);
            }
            else if (!service.ExternalIPs.IsEmpty || !service.ExternalNames.IsEmpty)
            {
                Add(names, zone, [], name.Labels);
                AddPorts(names, zone, service.Ports, name.Labels);
            }
            else if (options.Headless && service.IsHeadless)
            {
                AddEndpoints(names, zone, view, name);
            }
        }
    }

    private static void AddEndpoints(SortedSet<DnsName> names, ExternalZone zone, IClusterView view, ClusterName name)
    {
        Add(names, zone, [], name.Labels);
        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        foreach (ClusterEndpointSlice slice in name.Slices)
        {
            AddPorts(names, zone, slice.Ports, name.Labels);
            for (int i = 0; i < slice.Count; i++)
            {
                int length = view.WriteEndpointLabel(slice, i, label);
                Add(names, zone, [(byte)length, .. label[..length]], name.Labels);
            }
        }
    }

    private static void AddPorts(SortedSet<DnsName> names, ExternalZone zone, ReadOnlySpan<ClusterPort> ports, ReadOnlySpan<byte> labels)
    {
        foreach (ref readonly ClusterPort port in ports)
        {
            if (port.ToLabels() is { Length: > 0 } front)
            {
                Add(names, zone, front, labels);
            }
        }
    }

    private static void AddAddresses(SortedSet<DnsName> names, ExternalZone zone, ClusterService service)
    {
        foreach (ClusterAddress address in service.ExternalIPs)
        {
            DnsName reverse = ZoneText.ReverseZones(new System.Net.IPNetwork(address.ToIPAddress(), address.IsIPv4 ? 32 : 128))[0];
            if (reverse.IsSubdomainOf(zone.Name))
            {
                names.Add(reverse);
            }
        }
    }

    private static void Add(SortedSet<DnsName> names, ExternalZone zone, ReadOnlySpan<byte> front, ReadOnlySpan<byte> labels)
    {
        if (DnsName.TryFromWire([.. front, .. labels, .. zone.Name.Wire], out DnsName? name))
        {
            names.Add(name);
        }
    }
}
