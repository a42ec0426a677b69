using System.Buffers.Binary;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
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
        zone = ours is not null && cluster.Store.IsSynchronised ? new Version(options, cluster, ours) : null;
        return ours is not null;
    }

    private sealed class Version : ITransferZone
    {
        private readonly KubernetesOptions _options;
        private readonly KubernetesCluster _cluster;
        private readonly KubernetesZone _zone;
        private readonly RRset _soa;

        public Version(KubernetesOptions options, KubernetesCluster cluster, KubernetesZone zone)
        {
            _options = options;
            _cluster = cluster;
            _zone = zone;
            Serial = cluster.SerialOf(zone);
            byte[] rdata = new byte[(2 * DnsNameView.MaxLength) + 64];
            int length = RecordWriter.SoaRdata(zone.Name.Wire, Serial, options.SoaMinimum, rdata);
            _soa = new RRset(zone.Name, DnsRecordType.SOA, DnsRecordClass.IN, Math.Min(options.Ttl, 300), [rdata.AsMemory(0, length)]);
        }

        public DnsName Origin => _zone.Name;

        public uint Serial { get; }

        public RRsetView Soa => _soa;

        public ITransferRecords OpenRecords() => new Reader(_options, _cluster, _zone, _soa);

        public ITransferRecords? OpenDifferences(uint serial) => null;
    }

    /// <summary>Makes the records of one service at a time.</summary>
    private sealed class Reader : ITransferRecords
    {
        private readonly KubernetesOptions _options;
        private readonly KubernetesCluster _cluster;
        private readonly KubernetesZone _zone;
        private readonly Queue<RRset> _ready = new();
        private readonly ClusterName[] _names;
        private int _next;

        public Reader(KubernetesOptions options, KubernetesCluster cluster, KubernetesZone zone, RRset soa)
        {
            _options = options;
            _cluster = cluster;
            _zone = zone;
            _ready.Enqueue(soa);
            AddNameServers();
            List<ClusterName> names = [];
            foreach (ClusterName name in zone.IsReverse ? new HashIndex<ClusterName>().All() : cluster.Store.Names.All())
            {
                names.Add(name);
            }

            _names = [.. names.OrderBy(n => Convert.ToHexString(n.Labels), StringComparer.Ordinal)];
        }

        public bool TryRead(out RRsetView records)
        {
            while (_ready.Count == 0 && _next < _names.Length)
            {
                AddName(_names[_next++]);
            }

            if (_ready.TryDequeue(out RRset? set))
            {
                records = set;
                return true;
            }

            records = default;
            return false;
        }

        private void AddNameServers()
        {
            var sets = new RecordSets(_options.Ttl);
            foreach (NameServer server in _cluster.NameServers.Now())
            {
                byte[] name = new byte[DnsNameView.MaxLength];
                DnsName host = DnsName.FromView(server.WriteName(_zone.Name.Wire, name));
                sets.Add(_zone.Name, DnsRecordType.NS, host.Wire.ToArray());

                // names of services come with their addresses anyway
                if (host.Wire.StartsWith("\u0002ns\u0003dns"u8))
                {
                    sets.AddAddress(host, server.Address);
                }
            }

            sets.MoveTo(_ready);
        }

        private void AddName(ClusterName name)
        {
            ReadOnlySpan<byte> labels = name.Labels;
            if (!_cluster.ShowsNamespace(labels[(labels[0] + 2)..]))
            {
                return;
            }

            var sets = new RecordSets(_options.Ttl);
            DnsName? own = NameOf(default, default, labels);
            if (own is not null && _zone.IsMulticluster && name.Import is { } import)
            {
                AddService(sets, own, labels, import.IsHeadless, import.Addresses, import.Ports, name.ImportedSlices);
            }
            else if (own is not null && !_zone.IsMulticluster && name.Service is { } service)
            {
                if (service.Type != ClusterServiceType.ExternalName)
                {
                    AddService(sets, own, labels, service.IsHeadless, service.ClusterIPs, service.Ports, name.Slices);
                }
                else if (service.ExternalName is { } target)
                {
                    sets.Add(own, DnsRecordType.CNAME, target.Wire.ToArray());
                }
            }

            sets.MoveTo(_ready);
        }

        private void AddService(RecordSets sets, DnsName own, ReadOnlySpan<byte> labels, bool isHeadless, ReadOnlySpan<ClusterAddress> addresses,
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
                    int length = EndpointAnswers.WriteLabel(slice, i, _options.EndpointPodNames, label);
                    sets.AddAddress(own, slice.AddressAt(i));
                    if (NameOf(label[..length], _zone.IsMulticluster ? slice.Cluster : default, labels) is not { } host)
                    {
                        continue;
                    }

                    sets.AddAddress(host, slice.AddressAt(i));
                    foreach (ref readonly ClusterPort port in slice.Ports)
                    {
                        AddPort(sets, own, port, weight, host);
                    }
                }
            }
        }

        private static void AddClusterIP(RecordSets sets, DnsName own, ReadOnlySpan<ClusterAddress> addresses, ReadOnlySpan<ClusterPort> ports)
        {
            Span<byte> octets = stackalloc byte[16];
            foreach (ClusterAddress address in addresses)
            {
                sets.AddAddress(own, octets[..address.CopyTo(octets)]);
            }

            foreach (ref readonly ClusterPort port in addresses.IsEmpty ? default : ports)
            {
                if (port.Number != ClusterPort.NoPort)
                {
                    sets.Add(own, DnsRecordType.SRV, ServiceRdata(port.Number, 100, own));
                    AddPort(sets, own, port, 100, own);
                }
            }
        }

        private static void AddPort(RecordSets sets, DnsName own, in ClusterPort port, ushort weight, DnsName host)
        {
            if (port.Name.IsEmpty || port.Number == ClusterPort.NoPort || port.Protocol == ClusterProtocol.Other)
            {
                return;
            }

            ReadOnlySpan<byte> protocol = port.Protocol == ClusterProtocol.Tcp ? "_tcp"u8 : port.Protocol == ClusterProtocol.Udp ? "_udp"u8 : "_sctp"u8;
            byte[] wire = [(byte)(port.Name.Length + 1), (byte)'_', .. port.Name, (byte)protocol.Length, .. protocol, .. own.Wire];
            if (DnsName.TryFromWire(wire, out DnsName? name))
            {
                sets.Add(name, DnsRecordType.SRV, ServiceRdata(port.Number, weight, host));
            }
        }

        private static byte[] ServiceRdata(int port, ushort weight, DnsName target)
        {
            byte[] rdata = new byte[6 + target.Length];
            BinaryPrimitives.WriteUInt16BigEndian(rdata.AsSpan(2), weight);
            BinaryPrimitives.WriteUInt16BigEndian(rdata.AsSpan(4), (ushort)port);
            target.Wire.CopyTo(rdata.AsSpan(6));
            return rdata;
        }

        private DnsName? NameOf(ReadOnlySpan<byte> endpoint, ReadOnlySpan<byte> clusterName, ReadOnlySpan<byte> labels)
        {
            Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
            int length = RecordWriter.ServiceName(endpoint, clusterName, labels, _zone.Name.Wire, wire);
            return length == 0 ? null : DnsName.FromView(new DnsNameView(wire[..length]));
        }
    }

    /// <summary>Collects records into sets, each record once.</summary>
    private sealed class RecordSets(uint ttl)
    {
        private readonly Dictionary<(DnsName Owner, DnsRecordType Type), List<byte[]>> _sets = [];

        public void AddAddress(DnsName owner, ReadOnlySpan<byte> address) =>
            Add(owner, address.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, address.ToArray());

        public void Add(DnsName owner, DnsRecordType type, byte[] rdata)
        {
            if (!_sets.TryGetValue((owner, type), out List<byte[]>? set))
            {
                _sets.Add((owner, type), set = []);
            }

            if (!set.Exists(r => r.AsSpan().SequenceEqual(rdata)))
            {
                set.Add(rdata);
            }
        }

        public void MoveTo(Queue<RRset> ready)
        {
            foreach (((DnsName owner, DnsRecordType type), List<byte[]> rdatas) in _sets)
            {
                ready.Enqueue(new RRset(owner, type, DnsRecordClass.IN, ttl, [.. rdatas.Select(r => (ReadOnlyMemory<byte>)r)]));
            }
        }
    }
}
