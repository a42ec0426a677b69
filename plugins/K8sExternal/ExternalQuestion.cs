using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>A name below a zone, taken apart: <c>[ENDPOINT. | _PORT._PROTOCOL.]SERVICE.NAMESPACE</c>. Spans look into the name.</summary>
internal readonly ref struct ExternalQuestion
{
    private ExternalQuestion(ReadOnlySpan<byte> wire, scoped ReadOnlySpan<int> starts, int end)
    {
        int count = starts.Length;
        IsTooLong = count > 4;
        Namespace = LabelAt(wire, starts[^1]);
        if (count < 2 || IsTooLong)
        {
            return;
        }

        ServiceLabels = wire[starts[^2]..end];
        if (count == 3)
        {
            Endpoint = LabelAt(wire, starts[0]);
        }
        else if (count == 4)
        {
            Port = LabelAt(wire, starts[0]).TrimStart((byte)'_');
            Protocol = LabelAt(wire, starts[1]).TrimStart((byte)'_');
            HasPort = true;
        }
    }

    /// <summary>True for a name with more labels than any has.</summary>
    public bool IsTooLong { get; }

    /// <summary>The namespace.</summary>
    public ReadOnlySpan<byte> Namespace { get; }

    /// <summary>The labels of service and namespace in wire form; empty for a namespace alone.</summary>
    public ReadOnlySpan<byte> ServiceLabels { get; }

    /// <summary>The endpoint; empty when the name has none.</summary>
    public ReadOnlySpan<byte> Endpoint { get; }

    /// <summary>True when the name has labels for port and protocol.</summary>
    public bool HasPort { get; }

    /// <summary>The port's name without its underscore.</summary>
    public ReadOnlySpan<byte> Port { get; }

    /// <summary>The protocol without its underscore.</summary>
    public ReadOnlySpan<byte> Protocol { get; }

    /// <summary>Takes a name apart.</summary>
    /// <param name="name">The name, in lower case, with at least one label more than the zone.</param>
    /// <param name="zoneLength">Octets of the zone it lies in, the root label included.</param>
    public static ExternalQuestion Read(DnsNameView name, int zoneLength)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        int end = wire.Length - zoneLength;
        Span<int> starts = stackalloc int[128];
        int count = 0;
        for (int at = 0; at < end; at += wire[at] + 1)
        {
            starts[count++] = at;
        }

        return new ExternalQuestion(wire, starts[..count], end);
    }

    /// <summary>True when a port is meant.</summary>
    public bool Matches(in ClusterPort port) => !HasPort || (!Port.IsEmpty && port.Name.SequenceEqual(Port) && IsProtocol(port, Protocol));

    /// <summary>How many of some ports are meant.</summary>
    public int CountPorts(ReadOnlySpan<ClusterPort> ports)
    {
        int count = 0;
        foreach (ref readonly ClusterPort port in ports)
        {
            count += Matches(port) ? 1 : 0;
        }

        return count;
    }

    /// <summary>True when the label in the endpoint's place is the protocol of a named port: the name stands above service records.</summary>
    public bool IsAbovePort(ReadOnlySpan<ClusterPort> ports)
    {
        foreach (ref readonly ClusterPort port in ports)
        {
            if (Endpoint is [(byte)'_', ..] && !port.Name.IsEmpty && IsProtocol(port, Endpoint[1..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsProtocol(in ClusterPort port, ReadOnlySpan<byte> label) => label.SequenceEqual(port.Protocol switch
    {
        ClusterProtocol.Tcp => "tcp"u8,
        ClusterProtocol.Udp => "udp"u8,
        ClusterProtocol.Sctp => "sctp"u8,
        _ => default,
    });

    private static ReadOnlySpan<byte> LabelAt(ReadOnlySpan<byte> wire, int at) => wire.Slice(at + 1, wire[at]);
}
