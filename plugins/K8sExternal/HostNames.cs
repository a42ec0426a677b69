using System.Text;
using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Answers for the host names that objects of a cluster have themselves: rules of Ingresses, listeners of Gateways, HTTPRoutes, annotations of
/// services.</summary>
internal sealed class HostNames(IClusterView view, ExternalOptions options)
{
    private readonly HostSources _sources = options.HostSources;
    private readonly HostTree _tree = new(view, options.HostSources);

    /// <summary>All host names, wildcards included; for one who lists them.</summary>
    public IReadOnlyCollection<DnsName> All() => _tree.All();

    /// <summary>Answers for a name that is a host name as it stands.</summary>
    public ExternalFinding Answer(ref ExternalWriter records, DnsNameView name, DnsRecordType type, out DnsName? target)
    {
        target = null;
        return _sources == HostSources.None ? ExternalFinding.NoName : Answer(ref records, name, name, type, out target);
    }

    /// <summary>Answers for a name above host names, or one that a wildcard stands for (RFC 4592 §3.3.1). To be asked when nothing else has the name.</summary>
    public ExternalFinding AnswerWildcard(ref ExternalWriter records, DnsNameView name, DnsRecordType type, ExternalZone zone, out DnsName? target)
    {
        target = null;
        if (_sources == HostSources.None)
        {
            return ExternalFinding.NoName;
        }

        if (_tree.IsAbove(name))
        {
            return ExternalFinding.NoData;
        }

        Span<byte> wildcard = stackalloc byte[DnsNameView.MaxLength + 2];
        for (DnsNameView above = name.Parent; above.Length >= zone.Name.Length; above = above.Parent)
        {
            wildcard[0] = 1;
            wildcard[1] = (byte)'*';
            above.Wire.CopyTo(wildcard[2..]);
            ExternalFinding finding = Answer(ref records, new DnsNameView(wildcard[..(above.Length + 2)]), name, type, out target);
            if (finding != ExternalFinding.NoName)
            {
                return finding;
            }

            // a wildcard stands for nothing below a name that exists
            if (_tree.IsAbove(above) || _tree.Has(above) || IsNamespace(above, zone))
            {
                break;
            }
        }

        return ExternalFinding.NoName;
    }

    /// <summary>Adds an alias for a name.</summary>
    public static ExternalFinding AddAlias(ref ExternalWriter records, DnsNameView name, DnsRecordType type, DnsName alias, out DnsName? target)
    {
        target = alias;
        records.Name(name, DnsRecordType.CNAME, alias.View);
        return type == DnsRecordType.CNAME ? ExternalFinding.Answered : ExternalFinding.Leaves;
    }

    private bool IsNamespace(DnsNameView name, ExternalZone zone) =>
        name.Length == zone.Name.Length + name.FirstLabel.Length + 1 && view.ShowsNamespace(name.FirstLabel);

    private ExternalFinding Answer(ref ExternalWriter records, scoped DnsNameView host, DnsNameView owner, DnsRecordType type, out DnsName? target)
    {
        var found = default(Found);
        foreach (ClusterHosts hosts in view.Store.ByHostName(host))
        {
            if (!IsMeant(hosts, hosts.HostNames, host))
            {
                continue;
            }

            found.Exists = true;
            if (hosts.Resource != ClusterResource.HttpRoute)
            {
                Take(ref records, ref found, owner, type, hosts.Addresses, hosts.Targets);
                continue;
            }

            foreach (ClusterReference parent in hosts.Parents)
            {
                if (FindGateway(parent, hosts.Namespace) is { } gateway)
                {
                    Take(ref records, ref found, owner, type, gateway.Addresses, gateway.Targets);
                }
            }
        }

        foreach (ClusterService service in view.Store.ServicesByHostName(host))
        {
            if (IsMeant(service, service.HostNames, host))
            {
                found.Exists = true;
                Take(ref records, ref found, owner, type, service.ExternalIPs, service.ExternalNames);
                if (options.Headless && service.IsHeadless && service.ExternalIPs.IsEmpty && service.ExternalNames.IsEmpty)
                {
                    TakeEndpoints(ref records, ref found, owner, type, service);
                }
            }
        }

        target = null;
        return !found.Exists ? ExternalFinding.NoName
            : found.IsAnswered ? ExternalFinding.Answered
            : found.HasAddress || found.Alias is null ? ExternalFinding.NoData
            : AddAlias(ref records, owner, type, found.Alias, out target);
    }

    private static void Take(ref ExternalWriter records, ref Found found, DnsNameView owner, DnsRecordType type, ReadOnlySpan<ClusterAddress> addresses, ReadOnlySpan<DnsName> targets)
    {
        foreach (ClusterAddress address in addresses)
        {
            found.HasAddress = true;
            found.IsAnswered |= records.Address(DnsSection.Answer, owner, type, address);
        }

        if (!targets.IsEmpty)
        {
            found.Alias ??= targets[0];
        }
    }

    private void TakeEndpoints(ref ExternalWriter records, ref Found found, DnsNameView owner, DnsRecordType type, ClusterService service)
    {
        ClusterName? name = view.Store.FindName(service.Name, service.Namespace);
        foreach (ClusterEndpointSlice slice in name is null ? default : name.Slices)
        {
            for (int i = 0; i < slice.Count; i++)
            {
                found.HasAddress = true;
                found.IsAnswered |= records.Address(DnsSection.Answer, owner, type, ClusterAddress.FromOctets(slice.AddressAt(i)));
            }
        }
    }

    private bool IsMeant(ClusterObject item, ReadOnlySpan<DnsName> names, scoped DnsNameView host)
    {
        if ((_sources & HostTree.SourceOf(item.Resource)) == 0 || !view.ShowsNamespace(item.Namespace))
        {
            return false;
        }

        foreach (DnsName name in names)
        {
            if (name.View.Equals(host))
            {
                return true;
            }
        }

        return false;
    }

    private ClusterHosts? FindGateway(ClusterReference parent, ReadOnlySpan<byte> namespaceName)
    {
        Span<byte> texts = stackalloc byte[512];
        if (!Encoding.UTF8.TryGetBytes(parent.Name, texts[..256], out int nameLength) || !Encoding.UTF8.TryGetBytes(parent.Namespace, texts[256..], out int spaceLength))
        {
            return null;
        }

        return (ClusterHosts?)view.Store.Find(ClusterResource.Gateway, spaceLength == 0 ? namespaceName : texts.Slice(256, spaceLength), texts[..nameLength]);
    }

    private struct Found
    {
        public bool Exists;
        public bool HasAddress;
        public bool IsAnswered;
        public DnsName? Alias;
    }
}
