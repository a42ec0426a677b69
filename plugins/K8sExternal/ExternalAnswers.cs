using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Answers questions with the addresses that services have outside of their cluster.</summary>
internal sealed class ExternalAnswers(ExternalOptions options)
{
    private IClusterView[] _views = [];
    private HostNames[] _hosts = [];

    /// <summary>The clusters, in the order in which they are looked through.</summary>
    public IReadOnlyList<IClusterView> Views => _views;

    /// <summary>True when all of them are known.</summary>
    public bool IsSynchronised => Array.TrueForAll(_views, v => v.Store.IsSynchronised);

    /// <summary>True while one is served from a snapshot.</summary>
    public bool IsStale => Array.Exists(_views, v => v.Store.IsStale);

    /// <summary>When something that the zones show changed last, in seconds of Unix time.</summary>
    public uint Serial
    {
        get
        {
            long latest = 0;
            foreach (IClusterView view in _views)
            {
                latest = Math.Max(latest, view.Store.ExternalChangedAt);
            }

            return (uint)latest;
        }
    }

    /// <summary>The host names of each cluster's objects.</summary>
    public IReadOnlyList<HostNames> Hosts => _hosts;

    /// <summary>Takes the clusters of the block.</summary>
    public void Wire(IReadOnlyList<IClusterView> views)
    {
        _views = [.. views];
        _hosts = [.. _views.Select(v => new HostNames(v, options))];
    }

    /// <summary>Answers a question whose name lies in a zone.</summary>
    /// <param name="response">Gets the records; it is empty.</param>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="type">The type.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="target">The name that the answer goes on with, when it <see cref="ExternalFinding.Leaves"/>.</param>
    public ExternalFinding Answer(DnsResponse response, DnsNameView name, DnsRecordType type, ExternalZone zone, out DnsName? target)
    {
        target = null;
        var records = new ExternalWriter(response, options.Ttl);
        if (name.Length == zone.Name.Length)
        {
            return AnswerApex(ref records, name, type, zone);
        }

        if (name.IsSubdomainOf(zone.Apex.View))
        {
            return name.Length == zone.Apex.Length ? ExternalFinding.NoData
                : !name.Equals(zone.Server.View) ? ExternalFinding.NoName
                : AddServers(ref records, DnsSection.Answer, name, type) ? ExternalFinding.Answered : ExternalFinding.NoData;
        }

        if (zone.IsReverse)
        {
            return AnswerReverse(ref records, name, type);
        }

        ExternalFinding found = ExternalFinding.NoName;
        for (int i = 0; i < _views.Length && found == ExternalFinding.NoName; i++)
        {
            found = _hosts[i].Answer(ref records, name, type, out target);
            if (found == ExternalFinding.NoName)
            {
                found = AnswerService(ref records, name, type, zone, _views[i], out target);
            }

            if (found == ExternalFinding.NoName)
            {
                found = _hosts[i].AnswerWildcard(ref records, name, type, zone, out target);
            }
        }

        return found;
    }

    private ExternalFinding AnswerApex(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ExternalZone zone)
    {
        switch (type)
        {
            case DnsRecordType.SOA:
                records.Soa(DnsSection.Answer, zone, Serial);
                return ExternalFinding.Answered;
            case DnsRecordType.NS:
                records.Name(name, DnsRecordType.NS, zone.Server.View);
                AddServers(ref records, DnsSection.Additional, zone.Server.View, type);
                return ExternalFinding.Answered;
            default:
                return ExternalFinding.NoData;
        }
    }

    /// <summary>Adds the addresses that this server has outside: those of the services whose endpoint it is, else its own.</summary>
    private bool AddServers(ref ExternalWriter records, DnsSection section, DnsNameView owner, DnsRecordType type)
    {
        bool isAnswered = false;
        foreach (IClusterView view in _views)
        {
            bool isEndpoint = false;
            IReadOnlyList<ClusterAddress> locals = view.LocalAddresses;
            for (int i = 0; i < locals.Count; i++)
            {
                ClusterAddress local = locals[i];
                foreach (ClusterEndpointSlice slice in view.Store.ByEndpoint(local))
                {
                    if (Holds(slice, local) && view.Store.FindName(slice.Service, slice.Namespace)?.Service is { } service)
                    {
                        isEndpoint = true;
                        isAnswered |= AddServerAddresses(ref records, section, owner, type, service, slice);
                    }
                }
            }

            for (int i = 0; i < locals.Count && !isEndpoint; i++)
            {
                isAnswered |= records.Address(section, owner, type, locals[i]);
            }
        }

        return isAnswered;
    }

    private bool AddServerAddresses(ref ExternalWriter records, DnsSection section, DnsNameView owner, DnsRecordType type, ClusterService service, ClusterEndpointSlice slice)
    {
        bool isAnswered = false;
        foreach (ClusterAddress address in service.ExternalIPs)
        {
            isAnswered |= records.Address(section, owner, type, address);
        }

        for (int i = 0; options.Headless && service.IsHeadless && service.ExternalIPs.IsEmpty && i < slice.Count; i++)
        {
            isAnswered |= records.Address(section, owner, type, ClusterAddress.FromOctets(slice.AddressAt(i)));
        }

        return isAnswered;
    }

    private static bool Holds(ClusterEndpointSlice slice, ClusterAddress address)
    {
        for (int i = 0; i < slice.Count; i++)
        {
            if (ClusterAddress.FromOctets(slice.AddressAt(i)).Equals(address))
            {
                return true;
            }
        }

        return false;
    }

    private ExternalFinding AnswerReverse(ref ExternalWriter records, DnsNameView name, DnsRecordType type)
    {
        Span<byte> octets = stackalloc byte[16];
        if (!ReverseText.TryRead(name, octets, out int bits, out bool isIPv4))
        {
            return ExternalFinding.NoName;
        }

        if (bits < (isIPv4 ? 32 : 128))
        {
            ClusterAddress first = ReverseText.Range(octets, bits, isIPv4, out ClusterAddress last);
            return IsUsed(first, last) ? ExternalFinding.NoData : ExternalFinding.NoName;
        }

        ClusterAddress address = ClusterAddress.FromOctets(octets[..(isIPv4 ? 4 : 16)]);
        bool isKnown = false;
        Span<byte> target = stackalloc byte[DnsNameView.MaxLength];
        foreach (IClusterView view in _views)
        {
            foreach (ClusterService service in view.Store.ByExternalIP(address))
            {
                if (service.ExternalIPs.Contains(address) && view.ShowsNamespace(service.Namespace) && options.PrimaryZone is { } zone
                    && WriteName(default, service, zone, target) is > 0 and int length)
                {
                    isKnown = true;
                    if (type == DnsRecordType.PTR)
                    {
                        records.Name(name, type, new DnsNameView(target[..length]));
                    }
                }
            }
        }

        return !isKnown ? ExternalFinding.NoName : type == DnsRecordType.PTR ? ExternalFinding.Answered : ExternalFinding.NoData;
    }

    /// <summary>True when a service has an address from the first to the last. Names above reverse names are rarely asked for: no index is kept for them.</summary>
    private bool IsUsed(ClusterAddress first, ClusterAddress last)
    {
        foreach (IClusterView view in _views)
        {
            foreach (ClusterObject item in view.Store.AllOf(ClusterResource.Service).All())
            {
                foreach (ClusterAddress address in ((ClusterService)item).ExternalIPs)
                {
                    if (address.CompareTo(first) >= 0 && address.CompareTo(last) <= 0 && view.ShowsNamespace(item.Namespace))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private ExternalFinding AnswerService(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ExternalZone zone, IClusterView view, out DnsName? target)
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

    /// <summary>Writes the name of a service in a zone, or of one of its endpoints.</summary>
    /// <returns>Its length in octets; 0 when it would be too long.</returns>
    private static int WriteName(ReadOnlySpan<byte> endpoint, ClusterService service, DnsName zone, Span<byte> name)
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

    private static int WriteLabel(ReadOnlySpan<byte> label, Span<byte> to)
    {
        to[0] = (byte)label.Length;
        label.CopyTo(to[1..]);
        return label.Length + 1;
    }
}
