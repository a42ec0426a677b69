using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Answers questions from the objects of a cluster, by the Kubernetes DNS specification 1.1.0 and as CoreDNS goes beyond it.</summary>
internal sealed class ClusterAnswers(KubernetesOptions options, KubernetesCluster cluster)
{
    /// <summary>The longest chain of services that stand for each other's names.</summary>
    private const int MaxAliases = 10;

    /// <summary>How long the version of the schema may be kept, in seconds.</summary>
    private const uint VersionTtl = 28_800;

    private readonly KubernetesOptions _options = options;
    private readonly ReverseAnswers _reverse = new(options, cluster);
    private readonly byte[][] _namespaces = [.. options.Namespaces.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>True when a namespace exists and is shown.</summary>
    public bool ShowsNamespace(ReadOnlySpan<byte> name) => IsListed(name) && cluster.Store.HasNamespace(name);

    /// <summary>Answers a query whose name lies in a zone.</summary>
    /// <param name="query">The query; its response gets records.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="tail">The zone in wire form, in the case that it was asked in.</param>
    /// <param name="target">The name that the answer goes on with, when it <see cref="Finding.Leaves"/>.</param>
    public Finding Answer(DnsQuery query, KubernetesZone zone, ReadOnlySpan<byte> tail, out DnsName? target)
    {
        var budget = default(ResponseBudget);
        var records = new RecordWriter(query.Response, tail, _options.Ttl, ref budget);
        scoped DnsNameView name = query.LowerName;
        Finding finding = AnswerName(records, name, query.Type, zone, out target);
        if (finding != Finding.Leaves)
        {
            return finding;
        }

        // The name is an alias. Targets in this zone are looked up here; one that leads nowhere is no answer at all.
        Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
        for (int aliases = 0; aliases < MaxAliases; aliases++)
        {
            DnsName next = target!;
            records.Name(name, DnsRecordType.CNAME, next.View);
            if (query.Type == DnsRecordType.CNAME)
            {
                return Finding.Answered;
            }

            if (!next.View.IsSubdomainOf(zone.Name.View))
            {
                return Finding.Leaves;
            }

            next.View.CopyLowerTo(owner);
            name = new DnsNameView(owner[..next.Length]);
            finding = name.Equals(query.LowerName) ? Finding.NoName : AnswerName(records, name, query.Type, zone, out target);
            if (finding == Finding.Answered)
            {
                return Finding.Answered;
            }

            if (finding != Finding.Leaves)
            {
                break;
            }
        }

        query.Response.SetEmpty(DnsResponseCode.NoError);
        return finding == Finding.NoName && !cluster.Store.IsSynchronised ? Finding.NoDataYet : Finding.NoData;
    }

    private bool IsListed(ReadOnlySpan<byte> name)
    {
        foreach (byte[] listed in _namespaces)
        {
            if (name.SequenceEqual(listed))
            {
                return true;
            }
        }

        return _namespaces.Length == 0;
    }

    private Finding AnswerName(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, KubernetesZone zone, out DnsName? target)
    {
        target = null;
        ClusterQuestion question = ClusterQuestion.Read(name, zone.Length, zone.IsMulticluster, _options.Zonal);
        switch (question.Kind)
        {
            case ClusterNameKind.Apex:
                return AnswerApex(records, name, type, zone);
            case ClusterNameKind.NameServer:
                return AnswerNameServer(records, name, type, !question.Service.IsEmpty);
            default:
                break;
        }

        if (zone.IsReverse)
        {
            return _reverse.Answer(records, name, type);
        }

        switch (question.Kind)
        {
            case ClusterNameKind.Version when type == DnsRecordType.TXT:
                records.Text(name, VersionTtl, "1.1.0"u8);
                return Finding.Answered;
            case ClusterNameKind.Version:
                return Finding.NoData;
            case ClusterNameKind.Unknown:
                return Finding.NoName;
            default:
                break;
        }

        if (question.Namespace.IsEmpty)
        {
            return Finding.NoData;
        }

        if (!ShowsNamespace(question.Namespace) || (question.Kind == ClusterNameKind.Pod && _options.Pods == PodMode.Disabled))
        {
            return Finding.NoName;
        }

        if (question.Service.IsEmpty)
        {
            return Finding.NoData;
        }

        return question.Kind == ClusterNameKind.Pod ? AnswerPod(records, name, type, question)
            : cluster.Store.FindName(question.ServiceLabels) is not { } found ? Finding.NoName
            : zone.IsMulticluster ? AnswerImport(records, name, type, question, found)
            : AnswerService(records, name, type, question, found, out target);
    }

    private Finding AnswerApex(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, KubernetesZone zone)
    {
        if (type == DnsRecordType.SOA)
        {
            records.Soa(DnsSection.Answer, Math.Min(_options.Ttl, 300), cluster.SerialOf(zone), _options.SoaMinimum);
            return Finding.Answered;
        }

        if (type != DnsRecordType.NS)
        {
            return Finding.NoData;
        }

        IReadOnlyList<NameServer> servers = cluster.NameServers.Now();
        Span<byte> host = stackalloc byte[DnsNameView.MaxLength];
        foreach (bool isGlue in (ReadOnlySpan<bool>)[false, true])
        {
            for (int i = 0; i < servers.Count; i++)
            {
                DnsNameView target = servers[i].WriteName(records, host);
                if (!isGlue)
                {
                    records.Name(name, DnsRecordType.NS, target);
                }
                else
                {
                    records.Glue(target, servers[i].Address);
                }
            }
        }

        return servers.Count > 0 ? Finding.Answered : Finding.NoData;
    }

    private Finding AnswerNameServer(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, bool isHost)
    {
        bool isAnswered = false;
        if (isHost && type is DnsRecordType.A or DnsRecordType.AAAA)
        {
            IReadOnlyList<NameServer> servers = cluster.NameServers.Now();
            for (int i = 0; i < servers.Count; i++)
            {
                if (servers[i].Address.Length == (type == DnsRecordType.A ? 4 : 16))
                {
                    records.Address(name, servers[i].Address);
                    isAnswered = true;
                }
            }
        }

        return isAnswered ? Finding.Answered : Finding.NoData;
    }

    private Finding AnswerPod(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in ClusterQuestion question)
    {
        if (!question.Endpoint.IsEmpty || question.HasPort || !AddressLabel.TryParse(question.Service, out ClusterAddress address)
            || (_options.Pods == PodMode.Verified && !HasPod(address, question.Namespace)))
        {
            return Finding.NoName;
        }

        return AddAddress(records, name, type, address) ? Finding.Answered : Finding.NoData;
    }

    private bool HasPod(ClusterAddress address, ReadOnlySpan<byte> namespaceName)
    {
        foreach (ClusterPod pod in cluster.Store.ByPodIP(address))
        {
            if (pod.Addresses.Contains(address) && pod.Namespace.SequenceEqual(namespaceName))
            {
                return true;
            }
        }

        return false;
    }

    private Finding AnswerService(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in ClusterQuestion question, ClusterName found, out DnsName? target)
    {
        target = null;
        if (found.Service is not { } service)
        {
            return Finding.NoName;
        }

        bool isNamed = !question.Endpoint.IsEmpty;
        if (service.Type == ClusterServiceType.ExternalName)
        {
            target = service.ExternalName;
            return isNamed || question.HasPort || !question.TopologyZone.IsEmpty || target is null ? Finding.NoName
                : type is DnsRecordType.A or DnsRecordType.AAAA or DnsRecordType.CNAME ? Finding.Leaves : Finding.NoData;
        }

        if ((!question.TopologyZone.IsEmpty && !service.IsHeadless)
            || (_options.IgnoreEmptyServices && !service.IsHeadless && CountOf(found.Slices) == 0))
        {
            return Finding.NoName;
        }

        if (!service.IsHeadless && !isNamed)
        {
            return AnswerClusterIP(records, name, type, question, found, service.ClusterIPs, service.Ports);
        }

        Finding finding = AnswerEndpoints(records, name, type, question, found, found.Slices);
        return finding == Finding.NoName && EmptyNames.IsAbove(question, service, found.Slices, _options.Zonal) ? Finding.NoData : finding;
    }

    private Finding AnswerImport(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in ClusterQuestion question, ClusterName found)
    {
        if (found.Import is not { } import
            || (_options.IgnoreEmptyServices && !import.IsHeadless && CountOf(found.ImportedSlices) == 0))
        {
            return Finding.NoName;
        }

        if (!import.IsHeadless && question.Endpoint.IsEmpty)
        {
            return AnswerClusterIP(records, name, type, question, found, import.Addresses, import.Ports);
        }

        Finding finding = AnswerEndpoints(records, name, type, question, found, found.ImportedSlices);
        return finding == Finding.NoName && EmptyNames.IsAbove(question, import, found.ImportedSlices) ? Finding.NoData : finding;
    }

    private static int CountOf(ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        int count = 0;
        foreach (ClusterEndpointSlice slice in slices)
        {
            count += slice.Count;
        }

        return count;
    }

    private Finding AnswerClusterIP(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in ClusterQuestion question, ClusterName found,
        ReadOnlySpan<ClusterAddress> addresses, ReadOnlySpan<ClusterPort> ports)
    {
        var filter = new EndpointFilter(question, byPodName: false);
        int meant = filter.CountPorts(ports);
        if (meant == 0)
        {
            return Finding.NoName;
        }

        bool isAnswered = false;
        if (type == DnsRecordType.SRV)
        {
            Span<byte> host = stackalloc byte[DnsNameView.MaxLength];
            Span<byte> octets = stackalloc byte[16];
            DnsNameView target = records.TargetName(default, default, found.Labels, host);
            ushort weight = WeightOf(meant * addresses.Length);
            foreach (ref readonly ClusterPort port in ports)
            {
                if (filter.Matches(port) && port.Number != ClusterPort.NoPort && addresses.Length > 0)
                {
                    records.Service(name, weight, port.Number, target);
                    isAnswered = true;
                }
            }

            foreach (ClusterAddress address in isAnswered ? addresses : default)
            {
                records.Glue(target, octets[..address.CopyTo(octets)]);
            }
        }
        else
        {
            foreach (ClusterAddress address in addresses)
            {
                isAnswered |= AddAddress(records, name, type, address);
            }
        }

        return isAnswered ? Finding.Answered : Finding.NoData;
    }

    private Finding AnswerEndpoints(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, scoped in ClusterQuestion question, ClusterName found,
        ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        var filter = new EndpointFilter(question, _options.EndpointPodNames);
        int meant = EndpointAnswers.Count(filter, slices);
        if (meant == 0 && question.PrefersZone)
        {
            filter = new EndpointFilter(question, _options.EndpointPodNames, anyZone: true);
            meant = EndpointAnswers.Count(filter, slices);
        }

        if (meant == 0)
        {
            // a name of a topology zone exists whatever the zone is called
            return question.TopologyZone.IsEmpty ? Finding.NoName : Finding.NoDataYet;
        }

        bool isAnswered = type switch
        {
            DnsRecordType.A or DnsRecordType.AAAA when filter.IsEmpty => EndpointAnswers.AddAllAddresses(records, name, type, found, slices),
            DnsRecordType.A or DnsRecordType.AAAA => EndpointAnswers.AddAddresses(records, name, type, filter, slices),
            DnsRecordType.SRV => EndpointAnswers.AddServices(records, name, filter, found, slices, WeightOf(meant), _options.EndpointPodNames),
            _ => false,
        };
        return isAnswered ? Finding.Answered : Finding.NoDataYet;
    }

    private static ushort WeightOf(int count) => (ushort)Math.Max(1, 100 / Math.Max(1, count));

    private static bool AddAddress(in RecordWriter records, scoped DnsNameView name, DnsRecordType type, ClusterAddress address)
    {
        if (type != (address.IsIPv4 ? DnsRecordType.A : DnsRecordType.AAAA))
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        records.Address(name, octets[..address.CopyTo(octets)]);
        return true;
    }
}
