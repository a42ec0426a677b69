using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Store;

/// <summary>The hashes under which objects are found.</summary>
internal static class ClusterKey
{
    /// <summary>Octets that the labels of a service and its namespace take at most.</summary>
    internal const int MaxLabels = 128;

    /// <summary>The hash of an object's own name.</summary>
    internal static ulong OfObject(ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name) =>
        (DnsNameHash.Compute(namespaceName) * 31) ^ DnsNameHash.Compute(name);

    /// <summary>The hash of an address.</summary>
    internal static ulong OfAddress(ClusterAddress address) => (uint)address.GetHashCode();

    /// <summary>The hash of a service's and its namespace's labels, or of a namespace's label, in wire form.</summary>
    internal static ulong OfLabels(ReadOnlySpan<byte> labels) => DnsNameHash.Compute(labels);

    /// <summary>Writes the labels of a service and its namespace.</summary>
    /// <returns>How many octets; 0 when one of them is no label.</returns>
    internal static int WriteLabels(ReadOnlySpan<byte> service, ReadOnlySpan<byte> namespaceName, Span<byte> to)
    {
        if (service.Length is 0 or > DnsNameView.MaxLabelLength || namespaceName.Length is 0 or > DnsNameView.MaxLabelLength)
        {
            return 0;
        }

        to[0] = (byte)service.Length;
        service.CopyTo(to[1..]);
        to[service.Length + 1] = (byte)namespaceName.Length;
        namespaceName.CopyTo(to[(service.Length + 2)..]);
        return service.Length + namespaceName.Length + 2;
    }
}
