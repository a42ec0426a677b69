using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>A name below a zone, taken apart by the schema of Kubernetes. Spans look into the name.</summary>
internal ref struct ClusterQuestion
{
    /// <summary>What the name is of.</summary>
    public ClusterNameKind Kind;

    /// <summary>The namespace; empty when the name has none.</summary>
    public ReadOnlySpan<byte> Namespace;

    /// <summary>The service, or the name of a pod; empty when the name has none.</summary>
    public ReadOnlySpan<byte> Service;

    /// <summary>The labels of service and namespace in wire form.</summary>
    public ReadOnlySpan<byte> ServiceLabels;

    /// <summary>The endpoint; empty when the name has none.</summary>
    public ReadOnlySpan<byte> Endpoint;

    /// <summary>The cluster of the endpoint; empty when the name has none.</summary>
    public ReadOnlySpan<byte> Cluster;

    /// <summary>The port's name without its underscore.</summary>
    public ReadOnlySpan<byte> Port;

    /// <summary>The protocol without its underscore.</summary>
    public ReadOnlySpan<byte> Protocol;

    /// <summary>True when the name has labels for port and protocol.</summary>
    public bool HasPort;

    /// <summary>The labels of a topology zone in wire form; empty when the name has none.</summary>
    public ReadOnlySpan<byte> TopologyZone;

    /// <summary>True when all endpoints will do if the topology zone has none.</summary>
    public bool PrefersZone;

    /// <summary>True in a zone of multicluster services, where endpoints have the names of their clusters.</summary>
    public bool IsMulticluster;

    /// <summary>Takes a name apart.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="zoneLength">Octets of the zone it lies in, the root label included.</param>
    /// <param name="isMulticluster">True when endpoints have the names of their clusters in this zone.</param>
    /// <param name="isZonal">True when names of topology zones are understood.</param>
    public static ClusterQuestion Read(DnsNameView name, int zoneLength, bool isMulticluster, bool isZonal)
    {
        var question = default(ClusterQuestion);
        question.IsMulticluster = isMulticluster;
        ReadOnlySpan<byte> wire = name.Wire;
        int end = wire.Length - zoneLength;
        Span<byte> starts = stackalloc byte[128];
        int count = 0;
        for (int at = 0; at < end; at += wire[at] + 1)
        {
            starts[count++] = (byte)at;
        }

        if (count == 0)
        {
            question.Kind = ClusterNameKind.Apex;
            return question;
        }

        ReadOnlySpan<byte> last = LabelAt(wire, starts[count - 1]);
        question.Kind = last.SequenceEqual("svc"u8) ? ClusterNameKind.Service
            : last.SequenceEqual("pod"u8) ? ClusterNameKind.Pod
            : last.SequenceEqual("dns-version"u8) && count == 1 ? ClusterNameKind.Version
            : last.SequenceEqual("dns"u8) && (count == 1 || (count == 2 && LabelAt(wire, starts[0]).SequenceEqual("ns"u8))) ? ClusterNameKind.NameServer
            : ClusterNameKind.Unknown;
        if (question.Kind is not (ClusterNameKind.Service or ClusterNameKind.Pod) || count == 1)
        {
            if (question.Kind == ClusterNameKind.NameServer && count == 2)
            {
                question.Service = LabelAt(wire, starts[0]);
            }

            return question;
        }

        question.Namespace = LabelAt(wire, starts[count - 2]);
        if (count == 2)
        {
            return question;
        }

        question.Service = LabelAt(wire, starts[count - 3]);
        question.ServiceLabels = wire[starts[count - 3]..starts[count - 1]];
        question.ReadFront(wire, starts[..(count - 3)], isMulticluster, isZonal);
        return question;
    }

    private static ReadOnlySpan<byte> LabelAt(ReadOnlySpan<byte> wire, int at) => wire.Slice(at + 1, wire[at]);

    private static ReadOnlySpan<byte> WithoutUnderscore(ReadOnlySpan<byte> label) => label is [(byte)'_', ..] ? label[1..] : label;

    /// <summary>Reads the labels before the service.</summary>
    private void ReadFront(ReadOnlySpan<byte> wire, scoped ReadOnlySpan<byte> starts, bool isMulticluster, bool isZonal)
    {
        switch (starts.Length)
        {
            case 0:
                return;
            case 1:
                Endpoint = LabelAt(wire, starts[0]);
                return;
            case 2:
                ReadOnlySpan<byte> left = LabelAt(wire, starts[0]);
                ReadOnlySpan<byte> right = LabelAt(wire, starts[1]);
                if (isMulticluster && left[0] != '_' && right[0] != '_')
                {
                    Endpoint = left;
                    Cluster = right;
                }
                else
                {
                    HasPort = true;
                    Port = WithoutUnderscore(left);
                    Protocol = WithoutUnderscore(right);
                }

                return;
            default:
                ReadOnlySpan<byte> directive = LabelAt(wire, starts[^2]);
                PrefersZone = directive.SequenceEqual("prefer"u8);
                if (!isZonal || isMulticluster || Kind != ClusterNameKind.Service || !LabelAt(wire, starts[^1]).SequenceEqual("_zone"u8)
                    || (!PrefersZone && !directive.SequenceEqual("pin"u8)))
                {
                    Kind = ClusterNameKind.Unknown;
                    return;
                }

                TopologyZone = wire[starts[0]..starts[^2]];
                return;
        }
    }
}
