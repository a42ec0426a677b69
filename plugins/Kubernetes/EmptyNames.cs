using MiniDns.Cluster.Objects;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Knows the names without records that exist because there are names below them.</summary>
internal static class EmptyNames
{
    /// <summary>True for a name that has no records but names below it that do (RFC 8020): <c>_tcp</c> above <c>_http._tcp</c>.</summary>
    public static bool IsAbove(scoped in ClusterQuestion question, ClusterService service, ReadOnlySpan<ClusterEndpointSlice> slices, bool zonal)
    {
        if (zonal && service.IsHeadless
            && (question.Endpoint.SequenceEqual("_zone"u8) || (question.Protocol.SequenceEqual("zone"u8) && (question.Port.SequenceEqual("pin"u8) || question.Port.SequenceEqual("prefer"u8)))))
        {
            return true;
        }

        return service.IsHeadless ? IsProtocol(question.Endpoint, slices) : IsProtocol(question.Endpoint, service.Ports);
    }

    /// <summary>The same for the name of an import: labels of clusters stand above those of their endpoints.</summary>
    public static bool IsAbove(scoped in ClusterQuestion question, ClusterServiceImport import, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        if (question.HasPort || !question.Cluster.IsEmpty || question.Endpoint.IsEmpty)
        {
            return false;
        }

        foreach (ClusterEndpointSlice slice in slices)
        {
            if (slice.Count > 0 && slice.Cluster.SequenceEqual(question.Endpoint))
            {
                return true;
            }
        }

        return import.IsHeadless ? IsProtocol(question.Endpoint, slices) : IsProtocol(question.Endpoint, import.Ports);
    }

    private static bool IsProtocol(ReadOnlySpan<byte> label, ReadOnlySpan<ClusterEndpointSlice> slices)
    {
        foreach (ClusterEndpointSlice slice in slices)
        {
            if (slice.Count > 0 && IsProtocol(label, slice.Ports))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsProtocol(ReadOnlySpan<byte> label, ReadOnlySpan<ClusterPort> ports)
    {
        if (label is not [(byte)'_', ..])
        {
            return false;
        }

        foreach (ref readonly ClusterPort port in ports)
        {
            if (!port.Name.IsEmpty && EndpointFilter.MatchesProtocol(port.Protocol, label[1..]))
            {
                return true;
            }
        }

        return false;
    }
}
