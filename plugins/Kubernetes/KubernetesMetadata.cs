using System.Text;
using MiniDns.Cluster.Objects;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>What the asked name says about the cluster, and which pod asks.</summary>
internal sealed class KubernetesMetadata(KubernetesCluster cluster, KubernetesZones zones) : IMetadataSource
{
    private const string ClientLabel = "kubernetes/client-label/";
    private const int FirstClientLabel = 11;

    private readonly List<byte[]> _clientLabels = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; } =
    [
        "kubernetes/endpoint", "kubernetes/kind", "kubernetes/namespace", "kubernetes/port-name", "kubernetes/protocol", "kubernetes/service",
        "kubernetes/cluster", "kubernetes/zone", "kubernetes/client-namespace", "kubernetes/client-pod-name", "kubernetes/parse-error",
    ];

    /// <summary>True when somebody asks for labels of pods.</summary>
    public bool NeedsPodLabels => _clientLabels.Count > 0;

    /// <inheritdoc/>
    public int IndexOf(string label)
    {
        // which labels pods have nobody knows: each that somebody asks for gets a place of its own
        if (label.StartsWith(ClientLabel, StringComparison.Ordinal) && label.Length > ClientLabel.Length)
        {
            _clientLabels.Add(Encoding.UTF8.GetBytes(label[ClientLabel.Length..]));
            return FirstClientLabel + _clientLabels.Count - 1;
        }

        for (int i = 0; i < Labels.Count; i++)
        {
            if (Labels[i].Equals(label, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
    {
        written = 0;
        if (label is 8 or 9 or >= FirstClientLabel)
        {
            return FindClient(query) is { } pod && TryReadClient(pod, label, destination, out written);
        }

        Span<byte> lower = stackalloc byte[DnsNameView.MaxLength];
        query.AskedName.CopyLowerTo(lower);
        var name = new DnsNameView(lower[..query.AskedName.Length]);
        if (zones.Find(name) is not { } zone)
        {
            return false;
        }

        ClusterQuestion question = ClusterQuestion.Read(name, zone.Length, zone.IsMulticluster, cluster.Options.Zonal);
        if (question.Kind is not (ClusterNameKind.Service or ClusterNameKind.Pod or ClusterNameKind.Apex))
        {
            return label == 10 && Write("invalid query name"u8, destination, out written);
        }

        switch (label)
        {
            case 0:
                return Write(question.Endpoint, destination, out written);
            case 1:
                return Write(question.Namespace.IsEmpty ? default : question.Kind == ClusterNameKind.Pod ? "pod"u8 : "svc"u8, destination, out written);
            case 2:
                return Write(question.Namespace, destination, out written);
            case 3:
                return Write(question.Port, destination, out written);
            case 4:
                return Write(question.Protocol, destination, out written);
            case 5:
                return Write(question.Service, destination, out written);
            case 6:
                return zone.IsMulticluster && Write(question.Cluster, destination, out written);
            case 7:
                return cluster.Options.Zonal && WriteZone(question.TopologyZone, destination, out written);
            default:
                return false;
        }
    }

    private static bool Write(ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = Math.Min(value.Length, destination.Length);
        value[..written].CopyTo(destination);
        return true;
    }

    /// <summary>Writes labels with dots between them.</summary>
    private static bool WriteZone(ReadOnlySpan<byte> labels, Span<byte> destination, out int written)
    {
        Span<byte> text = stackalloc byte[DnsNameView.MaxLength];
        int length = 0;
        while (!labels.IsEmpty)
        {
            if (length > 0)
            {
                text[length++] = (byte)'.';
            }

            labels.Slice(1, labels[0]).CopyTo(text[length..]);
            length += labels[0];
            labels = labels[(labels[0] + 1)..];
        }

        return Write(text[..length], destination, out written);
    }

    private static bool FindLabel(ClusterPod pod, ReadOnlySpan<byte> key, Span<byte> destination, out int written)
    {
        for (int i = 0; i < pod.LabelCount; i++)
        {
            if (pod.LabelKeyAt(i).SequenceEqual(key))
            {
                return Write(pod.LabelValueAt(i), destination, out written);
            }
        }

        written = 0;
        return false;
    }

    private bool TryReadClient(ClusterPod pod, int label, Span<byte> destination, out int written) => label switch
    {
        8 => Write(pod.Namespace, destination, out written),
        9 => Write(pod.Name, destination, out written),
        _ => FindLabel(pod, _clientLabels[label - FirstClientLabel], destination, out written),
    };

    private ClusterPod? FindClient(DnsQuery query)
    {
        Span<byte> octets = stackalloc byte[16];
        ClusterAddress address = ClusterAddress.FromOctets(octets[..query.Client.WriteOctets(octets)]);
        foreach (ClusterPod pod in cluster.Store.ByPodIP(address))
        {
            if (pod.Addresses.Contains(address))
            {
                return pod;
            }
        }

        return null;
    }
}
