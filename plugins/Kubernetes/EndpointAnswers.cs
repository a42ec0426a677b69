using System.Runtime.CompilerServices;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Puts the endpoints of a service into a response.</summary>
internal static class EndpointAnswers
{
    /// <summary>Up to so many addresses are written one by one; more are kept as a set, made when first asked for.</summary>
    private const int FewAddresses = 16;

    /// <summary>The most records of a set: no message holds more.</summary>
    private const int MaxSet = 4096;

    /// <summary>How many endpoints are meant, each counted for each of its ports that is meant.</summary>
    public static int Count(in EndpointFilter filter, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        int count = 0;
        foreach (ClusterEndpointSlice slice in slices)
        {
            int ports = filter.CountPorts(slice.Ports);
            if (ports == 0)
            {
                continue;
            }

            if (filter.IsEmpty)
            {
                count += slice.Count * ports;
                continue;
            }

            for (int i = 0; i < slice.Count; i++)
            {
                count += filter.Matches(slice, i) ? ports : 0;
            }
        }

        return count;
    }

    /// <summary>Adds the addresses of those that are meant.</summary>
    public static bool AddAddresses(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in EndpointFilter filter, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        bool isAnswered = false;
        foreach (ClusterEndpointSlice slice in slices)
        {
            if (slice.IsIPv4 != (type == DnsRecordType.A) || filter.CountPorts(slice.Ports) == 0)
            {
                continue;
            }

            for (int i = 0; i < slice.Count; i++)
            {
                if (filter.Matches(slice, i))
                {
                    records.Address(name, slice.AddressAt(i));
                    isAnswered = true;
                }
            }
        }

        return isAnswered;
    }

    /// <summary>Adds all addresses of a family.</summary>
    public static bool AddAllAddresses(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, ClusterName found, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        int count = 0;
        foreach (ClusterEndpointSlice slice in slices)
        {
            count += slice.IsIPv4 == (type == DnsRecordType.A) ? slice.Count : 0;
        }

        if (count > FewAddresses)
        {
            AddressSets sets = found.Derived as AddressSets is { } kept && kept.IsOf(slices, records.Ttl) ? kept : Keep(found, slices, records.Ttl);
            records.Response.Add(DnsSection.Answer, (type == DnsRecordType.A ? sets.IPv4 : sets.IPv6)!, name);
            return true;
        }

        foreach (ClusterEndpointSlice slice in slices)
        {
            for (int i = 0; slice.IsIPv4 == (type == DnsRecordType.A) && i < slice.Count; i++)
            {
                records.Address(name, slice.AddressAt(i));
            }
        }

        return count > 0;
    }

    /// <summary>Adds a service record for each endpoint and port that is meant, and the endpoints' addresses.</summary>
    public static bool AddServices(in RecordWriter records, scoped DnsNameView name, scoped in EndpointFilter filter, ClusterName found, ReadOnlySpan<ClusterEndpointSlice> slices,
        ushort weight, bool byPodName)
    {
        bool isAnswered = false;
        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        Span<byte> host = stackalloc byte[DnsNameView.MaxLength];
        foreach (bool isGlue in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (ClusterEndpointSlice slice in slices)
            {
                for (int i = 0; i < slice.Count; i++)
                {
                    if (!filter.Matches(slice, i))
                    {
                        continue;
                    }

                    DnsNameView target = records.TargetName(label[..WriteLabel(slice, i, byPodName, label)], filter.IsMulticluster ? slice.Cluster : default, found.Labels, host);
                    isAnswered |= isGlue ? AddGlue(records, filter, slice, i, target) : AddPorts(records, name, filter, slice, weight, target);
                }
            }
        }

        return isAnswered;
    }

    /// <summary>Writes the label that an endpoint goes by.</summary>
    /// <returns>Its length in octets.</returns>
    public static int WriteLabel(ClusterEndpointSlice slice, int index, bool byPodName, Span<byte> label)
    {
        ReadOnlySpan<byte> name = slice.HostNameAt(index);
        if (name.IsEmpty && byPodName)
        {
            name = slice.PodNameAt(index);
        }

        if (name.IsEmpty)
        {
            return ClusterAddress.FromOctets(slice.AddressAt(index)).FormatDashed(label);
        }

        name.CopyTo(label);
        return name.Length;
    }

    private static bool AddPorts(in RecordWriter records, scoped DnsNameView name, scoped in EndpointFilter filter, ClusterEndpointSlice slice, ushort weight, scoped DnsNameView target)
    {
        bool isAnswered = false;
        foreach (ref readonly ClusterPort port in slice.Ports)
        {
            if (port.Number != ClusterPort.NoPort && filter.Matches(port) && target.Length > 0)
            {
                records.Service(name, weight, port.Number, target);
                isAnswered = true;
            }
        }

        return isAnswered;
    }

    private static bool AddGlue(in RecordWriter records, scoped in EndpointFilter filter, ClusterEndpointSlice slice, int index, scoped DnsNameView target)
    {
        foreach (ref readonly ClusterPort port in slice.Ports)
        {
            if (port.Number != ClusterPort.NoPort && filter.Matches(port) && target.Length > 0)
            {
                records.Glue(target, slice.AddressAt(index));
                break;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static AddressSets Keep(ClusterName found, ReadOnlySpan<ClusterEndpointSlice> slices, uint ttl)
    {
        var sets = new AddressSets([.. slices], ttl);
        found.Derived = sets;
        return sets;
    }

    /// <summary>The addresses of a large service, as sets that responses refer to.</summary>
    private sealed class AddressSets(ClusterEndpointSlice[] slices, uint ttl)
    {
        public RRset? IPv4 { get; } = Make(slices, isIPv4: true, ttl);

        public RRset? IPv6 { get; } = Make(slices, isIPv4: false, ttl);

        /// <summary>True when the sets are of these slices still.</summary>
        public bool IsOf(ReadOnlySpan<ClusterEndpointSlice> now, uint seconds)
        {
            if (now.Length != slices.Length || ttl != seconds)
            {
                return false;
            }

            for (int i = 0; i < now.Length; i++)
            {
                if (!ReferenceEquals(now[i], slices[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private static RRset? Make(ClusterEndpointSlice[] slices, bool isIPv4, uint ttl)
        {
            HashSet<ClusterAddress> seen = [];
            List<ReadOnlyMemory<byte>> rdatas = [];
            foreach (ClusterEndpointSlice slice in slices)
            {
                for (int i = 0; slice.IsIPv4 == isIPv4 && i < slice.Count && rdatas.Count < MaxSet; i++)
                {
                    if (seen.Add(ClusterAddress.FromOctets(slice.AddressAt(i))))
                    {
                        rdatas.Add(slice.AddressAt(i).ToArray());
                    }
                }
            }

            return rdatas.Count == 0 ? null : new RRset(DnsName.Root, isIPv4 ? DnsRecordType.A : DnsRecordType.AAAA, DnsRecordClass.IN, ttl, rdatas);
        }
    }
}
