using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Answers questions for services and their endpoints by their names: <c>[ENDPOINT | _PORT._PROTOCOL].SERVICE.NAMESPACE.ZONE</c>.</summary>
internal sealed class ServiceAnswers(ExternalOptions options)
{
    /// <summary>Answers a question whose name lies in a zone of names, from one cluster.</summary>
    /// <param name="records">Takes the records.</param>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="type">The type.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="view">The cluster.</param>
    /// <param name="target">The name that the answer goes on with, when it <see cref="ExternalFinding.Leaves"/>.</param>
    public ExternalFinding Answer(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ExternalZone zone, IClusterView view, out DnsName? target)
    {
        target = null;
        ExternalQuestion question = ExternalQuestion.Read(name, zone.Name.Length);
        if (question.IsTooLong || !view.ShowsNamespace(question.Namespace))
        {
            return ExternalFinding.NoName;
        }

        if (question.ServiceLabels.IsEmpty)
        {
            return ExternalFinding.NoData;
        }

        if (view.Store.FindName(question.ServiceLabels) is not { Service: { } service } found)
        {
            return ExternalFinding.NoName;
        }

        if (service.ExternalIPs.IsEmpty && service.ExternalNames.IsEmpty)
        {
            return options.Headless && (service.IsHeadless || !question.Endpoint.IsEmpty)
                ? AnswerEndpoints(ref records, name, type, zone, view, question, service, found.Slices)
                : ExternalFinding.NoName;
        }

        if (!question.Endpoint.IsEmpty)
        {
            return question.IsAbovePort(service.Ports) ? ExternalFinding.NoData : ExternalFinding.NoName;
        }

        int ports = question.CountPorts(service.Ports);
        return ports == 0 ? ExternalFinding.NoName
            : type == DnsRecordType.SRV ? AddServices(ref records, name, zone, question, service, ports)
            : AddAddresses(ref records, name, type, service, out target);
    }

    /// <summary>Writes the name of a service in a zone, or of one of its endpoints.</summary>
    /// <returns>Its length in octets; 0 when it would be too long.</returns>
    public static int WriteName(ReadOnlySpan<byte> endpoint, ClusterService service, DnsName zone, Span<byte> name)
    {
        ReadOnlySpan<byte> own = service.Name;
        ReadOnlySpan<byte> space = service.Namespace;
        if (own.Length > DnsNameView.MaxLabelLength || space.Length > DnsNameView.MaxLabelLength
            || endpoint.Length + own.Length + space.Length + zone.Length + 3 > DnsNameView.MaxLength)
        {
            return 0;
        }

        int at = endpoint.IsEmpty ? 0 : WriteLabel(endpoint, name);
        at += WriteLabel(own, name[at..]);
        at += WriteLabel(space, name[at..]);
        zone.Wire.CopyTo(name[at..]);
        return at + zone.Length;
    }

    private static ExternalFinding AddAddresses(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ClusterService service, out DnsName? target)
    {
        target = null;
        bool isAnswered = false;
        foreach (ClusterAddress address in service.ExternalIPs)
        {
            isAnswered |= records.Address(DnsSection.Answer, name, type, address);
        }

        // beside an alias there can be nothing, so addresses win; and of several aliases the first (RFC 2181 §10.1)
        return service.ExternalIPs.IsEmpty ? HostNames.AddAlias(ref records, name, type, service.ExternalNames[0], out target)
            : isAnswered ? ExternalFinding.Answered : ExternalFinding.NoData;
    }

    private static ExternalFinding AddServices(ref ExternalWriter records, DnsNameView name, ExternalZone zone, scoped in ExternalQuestion question, ClusterService service, int ports)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        var host = new DnsNameView(wire[..WriteName(default, service, zone.Name, wire)]);
        ushort weight = WeightOf(ports * (service.ExternalIPs.Length + service.ExternalNames.Length));
        bool isAnswered = false;
        foreach (ref readonly ClusterPort port in service.Ports)
        {
            if (port.Number == ClusterPort.NoPort || !question.Matches(port))
            {
                continue;
            }

            isAnswered = true;
            if (!service.ExternalIPs.IsEmpty)
            {
                records.Service(name, weight, port.Number, host);
            }

            foreach (DnsName outside in service.ExternalNames)
            {
                records.Service(name, weight, port.Number, outside.View);
            }
        }

        foreach (ClusterAddress address in isAnswered ? service.ExternalIPs : default)
        {
            records.Address(DnsSection.Additional, host, DnsRecordType.SRV, address);
        }

        return isAnswered ? ExternalFinding.Answered : ExternalFinding.NoData;
    }

    private static ExternalFinding AnswerEndpoints(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ExternalZone zone, IClusterView view,
        scoped in ExternalQuestion question, ClusterService service, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        // twice: the weight of each depends on how many there are
        int meant = 0;
        bool isAbovePort = false;
        Span<byte> label = stackalloc byte[DnsNameView.MaxLabelLength];
        foreach (ClusterEndpointSlice slice in slices)
        {
            int ports = question.CountPorts(slice.Ports);
            isAbovePort |= slice.Count > 0 && question.IsAbovePort(slice.Ports);
            for (int i = 0; i < slice.Count && ports > 0; i++)
            {
                meant += IsMeant(question, label[..view.WriteEndpointLabel(slice, i, label)]) ? ports : 0;
            }
        }

        if (meant == 0)
        {
            return isAbovePort ? ExternalFinding.NoData : ExternalFinding.NoName;
        }

        bool isAnswered = false;
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        foreach (ClusterEndpointSlice slice in slices)
        {
            int ports = question.CountPorts(slice.Ports);
            for (int i = 0; i < slice.Count && ports > 0; i++)
            {
                ReadOnlySpan<byte> own = label[..view.WriteEndpointLabel(slice, i, label)];
                if (!IsMeant(question, own))
                {
                    continue;
                }

                ClusterAddress address = ClusterAddress.FromOctets(slice.AddressAt(i));
                isAnswered |= type != DnsRecordType.SRV
                    ? records.Address(DnsSection.Answer, name, type, address)
                    : AddEndpoint(ref records, name, question, slice.Ports, new DnsNameView(wire[..WriteName(own, service, zone.Name, wire)]), address, WeightOf(meant));
            }
        }

        return isAnswered ? ExternalFinding.Answered : ExternalFinding.NoData;
    }

    private static bool AddEndpoint(ref ExternalWriter records, DnsNameView name, scoped in ExternalQuestion question, ReadOnlySpan<ClusterPort> ports, scoped DnsNameView host,
        ClusterAddress address, ushort weight)
    {
        bool isAnswered = false;
        foreach (ref readonly ClusterPort port in ports)
        {
            if (port.Number != ClusterPort.NoPort && question.Matches(port) && host.Length > 0)
            {
                records.Service(name, weight, port.Number, host);
                isAnswered = true;
            }
        }

        return isAnswered && records.Address(DnsSection.Additional, host, DnsRecordType.SRV, address);
    }

    private static bool IsMeant(scoped in ExternalQuestion question, ReadOnlySpan<byte> label) => question.Endpoint.IsEmpty || question.Endpoint.SequenceEqual(label);

    private static ushort WeightOf(int count) => (ushort)Math.Max(1, 100 / Math.Max(1, count));

    private static int WriteLabel(ReadOnlySpan<byte> label, Span<byte> to)
    {
        to[0] = (byte)label.Length;
        label.CopyTo(to[1..]);
        return label.Length + 1;
    }
}
