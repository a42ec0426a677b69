using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Autopath;

/// <summary>The search path of the pods of a cluster: <c>NAMESPACE.svc.ZONE svc.ZONE ZONE</c> and what the node adds. The namespace is in the name
/// that the pod's resolver asks first, so nobody has to know the pod.</summary>
/// <remarks>The second step of a pod of another namespace can look the same: <c>www.example.dev</c> in the domain <c>svc.ZONE</c> is <c>www.example</c> in the
/// namespace <c>dev</c>, if there is one. Two things keep them apart. The second step follows the first: a name that could be a second step is remembered
/// when the first is asked. And as long as the client is not known, only names outside of the cluster are answered.</remarks>
internal sealed class ClusterSearchPath(IReadOnlyList<DnsName> hostDomains, TimeProvider time) : SearchPath
{
    private static readonly byte[] ServiceLabel = [3, (byte)'s', (byte)'v', (byte)'c'];

    private readonly RecentNames _laterSteps = new(time);
    private IClusterView[] _views = [];
    private (IClusterView View, DnsName Zone)[] _zones = [];
    private DnsName[] _hostDomains = [.. hostDomains];

    /// <inheritdoc/>
    public override int Count => _hostDomains.Length + 3;

    /// <summary>Takes the clusters of the block.</summary>
    public void Wire(IReadOnlyList<IClusterView> views)
    {
        _views = [.. views];
        _zones = [.. views.SelectMany(v => v.SearchZones.Select(z => (v, z)))];

        // A server that runs as a pod may have the cluster's domains in its own file: with its own namespace, which is not the clients'.
        _hostDomains = [.. _hostDomains.Where(d => !views.Any(v => v.SearchZones.Any(d.IsSubdomainOf)))];
    }

    /// <inheritdoc/>
    public override bool IsFirstStep(DnsQuery query, out int headLength, out bool isSure)
    {
        foreach ((IClusterView view, DnsName zone) in _zones)
        {
            if (IsFirstStep(query, view, zone, out headLength, out isSure))
            {
                return true;
            }
        }

        headLength = 0;
        isSure = false;
        return false;
    }

    /// <inheritdoc/>
    public override DnsNameView ElementAt(DnsQuery query, int headLength, int index)
    {
        if (index >= 2)
        {
            return (index - 2 < _hostDomains.Length ? _hostDomains[index - 2] : DnsName.Root).View;
        }

        // behind the label of the namespace, then behind "svc"
        ReadOnlySpan<byte> wire = query.AskedName.Wire;
        int at = headLength + 1 + wire[headLength];
        return new DnsNameView(wire[(index == 0 ? at : at + ServiceLabel.Length)..]);
    }

    /// <summary>A denial of the cluster turns into an answer as quickly as an answer into another: neither has to be known sooner.</summary>
    public override uint AliasTtl(uint? denial)
    {
        uint ttl = denial ?? 0;
        foreach (IClusterView view in _views)
        {
            ttl = Math.Max(ttl, view.Ttl);
        }

        return ttl;
    }

    private bool IsFirstStep(DnsQuery query, IClusterView view, DnsName zone, out int headLength, out bool isSure)
    {
        headLength = 0;
        isSure = false;
        DnsNameView name = query.LowerName;
        if (!name.IsSubdomainOf(zone.View))
        {
            return false;
        }

        // the starts of the last labels in front of the zone
        ReadOnlySpan<byte> wire = name.Wire;
        int end = wire.Length - zone.Length;
        Labels ends = default;
        for (int at = 0; at < end; at += wire[at] + 1)
        {
            ends = new Labels(ends.Count + 1, ends.Third, ends.Second, ends.Last, at);
        }

        // Only names with a dot: one without could be meant as it stands in the namespace, whatever else there is.
        if (ends.Count < 4 || !wire[ends.Last..end].SequenceEqual(ServiceLabel))
        {
            return false;
        }

        NoteLaterSteps(wire, view, zone, ends);
        ReadOnlySpan<byte> namespaceName = wire[(ends.Second + 1)..ends.Last];
        headLength = ends.Second;
        return view.ShowsNamespace(namespaceName) && !IsBelowService(view.Store, wire[ends.Third..ends.Last])
            && MayBeOf(query, view, namespaceName, out isSure) && !_laterSteps.Contains(query.NameHash);
    }

    /// <summary>True for a name that has the shape of an endpoint's or a port's of a service that is there: it stays what it is.</summary>
    private static bool IsBelowService(ClusterStore store, ReadOnlySpan<byte> labels) =>
        store.FindName(labels) is { } found && (found.Service is not null || found.Slices.Length > 0);

    /// <summary>False for a pod of other namespaces: its resolver would not have asked so by itself. Clients that are no pods (a cache on the node,
    /// a pod in the node's network) ask for pods.</summary>
    private static bool MayBeOf(DnsQuery query, IClusterView view, ReadOnlySpan<byte> namespaceName, out bool isSure)
    {
        isSure = false;
        if (!view.HasPods)
        {
            return true;
        }

        Span<byte> octets = stackalloc byte[16];
        ClusterAddress address = ClusterAddress.FromOctets(octets[..query.Client.WriteOctets(octets)]);
        int pods = 0;
        bool isIn = false;
        foreach (ClusterPod pod in view.Store.ByPodIP(address))
        {
            if (pod.Addresses.Contains(address))
            {
                pods++;
                isIn |= pod.Namespace.SequenceEqual(namespaceName);
            }
        }

        // pods that share the address of their node do so with pods of other namespaces
        isSure = isIn && pods == 1;
        return isIn || pods == 0;
    }

    /// <summary>Remembers the client's next steps, if they look like a first one: when what precedes the namespace ends with another namespace
    /// (<c>www.example.dev</c>), and when it ends with that and <c>svc</c>.</summary>
    private void NoteLaterSteps(ReadOnlySpan<byte> wire, IClusterView view, DnsName zone, in Labels ends)
    {
        ReadOnlySpan<byte> head = wire[..ends.Second];
        ReadOnlySpan<byte> last = wire[ends.Third..ends.Second];
        Span<byte> step = stackalloc byte[DnsNameView.MaxLength];
        if (ends.Count >= 5 && view.ShowsNamespace(last[1..]))
        {
            Note(head, wire[ends.Last..], step);
        }

        if (ends.Count >= 6 && last.SequenceEqual(ServiceLabel) && view.ShowsNamespace(wire[(ends.Fourth + 1)..ends.Third]))
        {
            Note(head, zone.Wire, step);
        }
    }

    private void Note(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, Span<byte> step)
    {
        if (NameProbe.TryJoin(head, new DnsNameView(tail), step, out int length))
        {
            _laterSteps.Add(new DnsNameView(step[..length]).Hash);
        }
    }

    /// <summary>Where the last labels in front of the zone start.</summary>
    private readonly record struct Labels(int Count, int Fourth, int Third, int Second, int Last);
}
