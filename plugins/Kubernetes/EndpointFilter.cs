using MiniDns.Cluster.Objects;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Which endpoints a question means.</summary>
internal readonly ref struct EndpointFilter
{
    private readonly ReadOnlySpan<byte> _label;
    private readonly ReadOnlySpan<byte> _cluster;
    private readonly ReadOnlySpan<byte> _zone;
    private readonly ReadOnlySpan<byte> _port;
    private readonly ReadOnlySpan<byte> _protocol;
    private readonly bool _hasPort;
    private readonly bool _byPodName;
    private readonly bool _hasAddress;
    private readonly ClusterAddress _address;

    /// <summary>Takes what the question asks for.</summary>
    /// <param name="question">The question.</param>
    /// <param name="byPodName">True when endpoints without a host name go by their pods' names.</param>
    /// <param name="anyZone">True when the question's topology zone does not count.</param>
    public EndpointFilter(scoped in ClusterQuestion question, bool byPodName, bool anyZone = false)
    {
        _label = question.Endpoint;
        _cluster = question.Cluster;
        _zone = anyZone ? default : question.TopologyZone;
        _port = question.Port;
        _protocol = question.Protocol;
        _hasPort = question.HasPort;
        IsMulticluster = question.IsMulticluster;
        _byPodName = byPodName;
        if (!_label.IsEmpty && AddressLabel.TryParse(_label, out _address))
        {
            // only the shortest form is the endpoint's name
            Span<byte> canonical = stackalloc byte[ClusterAddress.MaxDashedLength];
            _hasAddress = canonical[.._address.FormatDashed(canonical)].SequenceEqual(_label);
        }
    }

    /// <summary>True in a zone of multicluster services, where endpoints have the names of their clusters.</summary>
    public bool IsMulticluster { get; }

    /// <summary>True when every endpoint is meant.</summary>
    public bool IsEmpty => _label.IsEmpty && _zone.IsEmpty && !_hasPort;

    /// <summary>True when a port is meant.</summary>
    public bool Matches(in ClusterPort port) => !_hasPort
        || (!_port.IsEmpty && port.Name.SequenceEqual(_port) && MatchesProtocol(port.Protocol, _protocol));

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

    /// <summary>True when an endpoint is meant.</summary>
    public bool Matches(ClusterEndpointSlice slice, int index)
    {
        if (!_zone.IsEmpty && !MatchesZone(slice.ZoneAt(index), _zone))
        {
            return false;
        }

        if (_label.IsEmpty)
        {
            return true;
        }

        if (IsMulticluster && !slice.Cluster.SequenceEqual(_cluster))
        {
            return false;
        }

        ReadOnlySpan<byte> name = slice.HostNameAt(index);
        if (name.IsEmpty && _byPodName)
        {
            name = slice.PodNameAt(index);
        }

        return name.IsEmpty ? _hasAddress && ClusterAddress.FromOctets(slice.AddressAt(index)).Equals(_address) : name.SequenceEqual(_label);
    }

    /// <summary>True when a protocol goes by a label without its underscore.</summary>
    public static bool MatchesProtocol(ClusterProtocol protocol, ReadOnlySpan<byte> label) => protocol switch
    {
        ClusterProtocol.Tcp => label.SequenceEqual("tcp"u8),
        ClusterProtocol.Udp => label.SequenceEqual("udp"u8),
        ClusterProtocol.Sctp => label.SequenceEqual("sctp"u8),
        _ => false,
    };

    /// <summary>Compares a zone's text with labels: a dot in it is the border of two.</summary>
    private static bool MatchesZone(ReadOnlySpan<byte> text, ReadOnlySpan<byte> labels)
    {
        if (text.Length != labels.Length - 1)
        {
            return false;
        }

        int at = 0;
        while (true)
        {
            int length = labels[at];
            if (!text.Slice(at, length).SequenceEqual(labels.Slice(at + 1, length)))
            {
                return false;
            }

            at += length + 1;
            if (at == labels.Length)
            {
                return true;
            }

            if (text[at - 1] != '.')
            {
                return false;
            }
        }
    }
}
