namespace MiniDns.Cluster.Objects;

/// <summary>A service of several clusters (Multi-Cluster Services API).</summary>
public sealed class ClusterServiceImport : ClusterObject
{
    private readonly ClusterAddress[] _addresses;
    private readonly ClusterPort[] _ports;

    internal ClusterServiceImport(byte[] key, int namespaceLength, bool isHeadless, ClusterAddress[] addresses, ClusterPort[] ports)
        : base(key, namespaceLength)
    {
        IsHeadless = isHeadless;
        _addresses = addresses;
        _ports = ports;
    }

    /// <inheritdoc/>
    public override ClusterResource Resource => ClusterResource.ServiceImport;

    /// <summary>True when its endpoints are the answer.</summary>
    public bool IsHeadless { get; }

    /// <summary>The addresses of the whole set of clusters.</summary>
    public ReadOnlySpan<ClusterAddress> Addresses => _addresses;

    /// <summary>The ports; empty when the import has none.</summary>
    public ReadOnlySpan<ClusterPort> Ports => _ports;

    /// <inheritdoc/>
    public override bool SaysTheSame(ClusterObject other) => other is ClusterServiceImport import
        && IsHeadless == import.IsHeadless && Addresses.SequenceEqual(import.Addresses) && Ports.SequenceEqual(import.Ports);
}
