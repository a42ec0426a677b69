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
    private readonly ServiceAnswers _services = new(options);
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
                found = _services.Answer(ref records, name, type, zone, _views[i], out target);
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
                    && ServiceAnswers.WriteName(default, service, zone, target) is > 0 and int length)
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
}
