using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Configuration;
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
        zone = ours is not null && answers.IsSynchronised ? new Version(options, answers, ours) : null;
        return ours is not null;
    }

    /// <summary>The records of an answer, as sets.</summary>
    private static List<RRset> SetsOf(ExternalAnswers answers, DnsName name, ReadOnlySpan<DnsRecordType> types, ExternalZone zone)
    {
        Dictionary<DnsRecordType, (uint Ttl, List<ReadOnlyMemory<byte>> Rdatas)> sets = [];
        var response = new DnsResponse();
        foreach (DnsRecordType type in types)
        {
            response.Clear();
            answers.Answer(response, name.View, type, zone, out _);
            foreach (ref readonly ResponseEntry entry in response.Entries)
            {
                if (entry.Section != DnsSection.Answer)
                {
                    continue;
                }

                if (!sets.TryGetValue(entry.Type, out (uint Ttl, List<ReadOnlyMemory<byte>> Rdatas) set))
                {
                    sets.Add(entry.Type, set = (entry.Ttl, []));
                }

                byte[] rdata = response.RdataOf(entry).ToArray();
                if (!set.Rdatas.Exists(r => r.Span.SequenceEqual(rdata)))
                {
                    set.Rdatas.Add(rdata);
                }
            }
        }

        return [.. sets.Select(s => new RRset(name, s.Key, DnsRecordClass.IN, s.Value.Ttl, s.Value.Rdatas))];
    }

    private sealed class Version : ITransferZone
    {
        private readonly ExternalOptions _options;
        private readonly ExternalAnswers _answers;
        private readonly ExternalZone _zone;
        private readonly RRset _soa;

        public Version(ExternalOptions options, ExternalAnswers answers, ExternalZone zone)
        {
            _options = options;
            _answers = answers;
            _zone = zone;
            Serial = answers.Serial;
            _soa = SetsOf(answers, zone.Name, [DnsRecordType.SOA], zone)[0];
        }

        public DnsName Origin => _zone.Name;

        public uint Serial { get; }

        public RRsetView Soa => _soa;

        public ITransferRecords OpenRecords() => new Reader(_options, _answers, _zone, _soa);

        public ITransferRecords? OpenDifferences(uint serial) => null;
    }

    /// <summary>Makes the records of one name at a time.</summary>
    private sealed class Reader : ITransferRecords
    {
        private readonly ExternalAnswers _answers;
        private readonly ExternalZone _zone;
        private readonly Queue<RRset> _ready = new();
        private readonly Queue<DnsName> _names;

        public Reader(ExternalOptions options, ExternalAnswers answers, ExternalZone zone, RRset soa)
        {
            _answers = answers;
            _zone = zone;
            _ready.Enqueue(soa);
            SetsOf(answers, zone.Name, [DnsRecordType.NS], zone).ForEach(_ready.Enqueue);
            SortedSet<DnsName> names = [zone.Server];
            foreach (IClusterView view in answers.Views)
            {
                AddServices(names, options, zone, view);
            }

            foreach (DnsName host in zone.IsReverse ? [] : answers.Hosts.SelectMany(h => h.All()).Where(h => h.IsSubdomainOf(zone.Name) && !h.Equals(zone.Name)))
            {
                names.Add(host);
            }

            _names = new(names);
        }

        public bool TryRead(out RRsetView records)
        {
            while (_ready.Count == 0 && _names.TryDequeue(out DnsName? name))
            {
                SetsOf(_answers, name, name.View.FirstLabel is [(byte)'_', ..] ? [DnsRecordType.SRV] : Types, _zone).ForEach(_ready.Enqueue);
            }

            if (_ready.TryDequeue(out RRset? set))
            {
                records = set;
                return true;
            }

            records = default;
            return false;
        }

        private static void AddServices(SortedSet<DnsName> names, ExternalOptions options, ExternalZone zone, IClusterView view)
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
                if (!port.Name.IsEmpty && port.Protocol != ClusterProtocol.Other)
                {
                    ReadOnlySpan<byte> protocol = port.Protocol == ClusterProtocol.Tcp ? "_tcp"u8 : port.Protocol == ClusterProtocol.Udp ? "_udp"u8 : "_sctp"u8;
                    Add(names, zone, [(byte)(port.Name.Length + 1), (byte)'_', .. port.Name, (byte)protocol.Length, .. protocol], labels);
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
}
