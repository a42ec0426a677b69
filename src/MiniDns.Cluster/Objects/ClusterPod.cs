namespace MiniDns.Cluster.Objects;

/// <summary>A pod that runs or will.</summary>
public sealed class ClusterPod : ClusterObject
{
    private readonly ClusterAddress[] _addresses;
    private readonly TextTable? _labels;

    internal ClusterPod(byte[] key, int namespaceLength, ClusterAddress[] addresses, TextTable? labels, int labelCount)
        : base(key, namespaceLength)
    {
        _addresses = addresses;
        _labels = labels;
        LabelCount = labelCount;
    }

    /// <inheritdoc/>
    public override ClusterResource Resource => ClusterResource.Pod;

    /// <summary>Its addresses, of both families.</summary>
    public ReadOnlySpan<ClusterAddress> Addresses => _addresses;

    /// <summary>How many labels it has; 0 unless <see cref="ClusterFields.PodLabels"/> are kept.</summary>
    public int LabelCount { get; }

    /// <summary>The key of a label, as written.</summary>
    public ReadOnlySpan<byte> LabelKeyAt(int index) => _labels is null ? default : _labels[index * 2];

    /// <summary>The value of a label.</summary>
    public ReadOnlySpan<byte> LabelValueAt(int index) => _labels is null ? default : _labels[(index * 2) + 1];

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterPod pod
        && Addresses.SequenceEqual(pod.Addresses) && TextTable.Same(_labels, pod._labels);
}
