using System.Globalization;
using System.Text;
using MiniDns.Protocol.Names;

namespace MiniDns.Cluster.Objects;

/// <summary>Makes cluster objects from their fields as they are read, whatever they are read from. One is used again and again by one reader.</summary>
/// <remarks>
/// <para>Call <see cref="Begin"/>, then a method for each field in any order, then <see cref="Build"/>. Texts are UTF-8 without escapes and are
/// copied. Fields that are not kept, and values that DNS cannot use, are ignored: a server's object is never refused for them.</para>
/// <para>An endpoint of a slice lies between <see cref="BeginEndpoint"/> and <see cref="EndEndpoint"/>, its own fields in any order.</para>
/// </remarks>
public sealed class ClusterObjectBuilder
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    private readonly ClusterFields _fields;
    private readonly InternTable<byte> _texts = new();
    private readonly InternTable<ClusterPort> _portLists = new();
    private readonly byte[] _namespace = new byte[MaxNameLength];
    private readonly byte[] _name = new byte[MaxNameLength];
    private readonly List<ClusterAddress> _addresses = [];
    private readonly List<ClusterAddress> _externalIPs = [];
    private readonly List<ClusterPort> _ports = [];
    private readonly List<DnsName> _hostNames = [];
    private readonly List<DnsName> _targets = [];
    private readonly List<ClusterReference> _parents = [];
    private readonly TextTableBuilder _endpointHosts = new();
    private readonly TextTableBuilder _endpointPods = new();
    private readonly TextTableBuilder _endpointZones = new();
    private readonly TextTableBuilder _labels = new();
    private readonly byte[] _endpointHost = new byte[MaxLabelLength];
    private readonly byte[] _endpointPod = new byte[MaxLabelLength];
    private readonly byte[] _endpointZone = new byte[MaxLabelLength];
    private ClusterResource _resource;
    private int _namespaceLength;
    private int _nameLength;
    private ClusterServiceType _type;
    private bool _isHeadless;
    private bool _isGone;
    private DnsName? _externalName;
    private byte[]? _service;
    private byte[]? _importedService;
    private byte[]? _cluster;
    private long _lastChange;
    private int _endpointStart;
    private bool _endpointReady;
    private int _endpointHostLength;
    private int _endpointPodLength;
    private int _endpointZoneLength;

    /// <summary>Makes a builder.</summary>
    /// <param name="fields">The fields to keep besides those that every answer needs.</param>
    public ClusterObjectBuilder(ClusterFields fields)
    {
        _fields = fields;
    }

    /// <summary>The namespace given so far.</summary>
    public ReadOnlySpan<byte> Namespace => _namespace.AsSpan(0, _namespaceLength);

    /// <summary>The name given so far.</summary>
    public ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    /// <summary>Forgets everything and starts an object.</summary>
    public void Begin(ClusterResource resource)
    {
        _resource = resource;
        _namespaceLength = 0;
        _nameLength = 0;
        _type = ClusterServiceType.ClusterIP;
        _isHeadless = false;
        _isGone = false;
        _externalName = null;
        _service = null;
        _importedService = null;
        _cluster = null;
        _lastChange = 0;
        _addresses.Clear();
        _externalIPs.Clear();
        _ports.Clear();
        _hostNames.Clear();
        _targets.Clear();
        _parents.Clear();
        _endpointHosts.Clear();
        _endpointPods.Clear();
        _endpointZones.Clear();
        _labels.Clear();
    }

    /// <summary><c>metadata.name</c>.</summary>
    public void SetName(ReadOnlySpan<byte> name) => _nameLength = CopyLower(name, _name);

    /// <summary><c>metadata.namespace</c>.</summary>
    public void SetNamespace(ReadOnlySpan<byte> name) => _namespaceLength = CopyLower(name, _namespace);

    /// <summary><c>metadata.deletionTimestamp</c> is there.</summary>
    public void SetTerminating() => _isGone |= _resource == ClusterResource.Pod;

    /// <summary>A member of <c>metadata.labels</c>.</summary>
    public void AddLabel(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_resource == ClusterResource.EndpointSlice)
        {
            if (key.SequenceEqual("kubernetes.io/service-name"u8))
            {
                _service = InternLower(value);
            }
            else if (key.SequenceEqual("multicluster.kubernetes.io/service-name"u8))
            {
                _importedService = InternLower(value);
            }
            else if (key.SequenceEqual("multicluster.kubernetes.io/source-cluster"u8))
            {
                _cluster = InternLower(value);
            }
        }
        else if (_resource == ClusterResource.Pod && (_fields & ClusterFields.PodLabels) != 0)
        {
            _labels.Add(key);
            _labels.Add(value);
        }
    }

    /// <summary>A member of <c>metadata.annotations</c>.</summary>
    public void AddAnnotation(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_resource == ClusterResource.EndpointSlice)
        {
            if (key.SequenceEqual("endpoints.kubernetes.io/last-change-trigger-time"u8)
                && DateTimeOffset.TryParse(Encoding.UTF8.GetString(value), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                _lastChange = time.ToUnixTimeMilliseconds();
            }
        }
        else if (_resource == ClusterResource.Service && (_fields & ClusterFields.HostNameAnnotations) != 0
            && (key.SequenceEqual("coredns.io/hostname"u8) || key.SequenceEqual("external-dns.alpha.kubernetes.io/hostname"u8)))
        {
            foreach (Range part in value.Split((byte)','))
            {
                AddHostName(value[part].Trim((byte)' '));
            }
        }
    }

    /// <summary><c>spec.type</c> of a Service or a ServiceImport.</summary>
    public void SetType(ReadOnlySpan<byte> type)
    {
        if (_resource == ClusterResource.ServiceImport)
        {
            _isHeadless = type.SequenceEqual("Headless"u8);
            return;
        }

        _type = type.SequenceEqual("ExternalName"u8) ? ClusterServiceType.ExternalName
            : type.SequenceEqual("LoadBalancer"u8) ? ClusterServiceType.LoadBalancer
            : type.SequenceEqual("NodePort"u8) ? ClusterServiceType.NodePort : ClusterServiceType.ClusterIP;
    }

    /// <summary><c>spec.clusterIP</c> and each of <c>spec.clusterIPs</c> of a Service (the same one twice counts once), <c>None</c> included;
    /// each of <c>spec.ips</c> of a ServiceImport.</summary>
    public void AddClusterIP(ReadOnlySpan<byte> address)
    {
        if (_resource == ClusterResource.Service && address.SequenceEqual("None"u8))
        {
            _isHeadless = true;
        }
        else
        {
            AddAddress(_addresses, address);
        }
    }

    /// <summary><c>spec.externalName</c> of a Service.</summary>
    public void SetExternalName(ReadOnlySpan<byte> name) =>
        _externalName = ClusterAddress.TryParse(name, out _) ? null : ParseName(name);

    /// <summary>Each of <c>spec.externalIPs</c> of a Service.</summary>
    public void AddExternalIP(ReadOnlySpan<byte> address) => AddAddress(_externalIPs, address);

    /// <summary>Each <c>ip</c> of <c>status.loadBalancer.ingress</c> of a Service or an Ingress, and each <c>value</c> of
    /// <c>status.addresses</c> of a Gateway that is an address.</summary>
    public void AddIngressAddress(ReadOnlySpan<byte> address) =>
        AddAddress(_resource == ClusterResource.Service ? _externalIPs : _addresses, address);

    /// <summary>Each <c>hostname</c> of <c>status.loadBalancer.ingress</c>, and each <c>value</c> of <c>status.addresses</c> of a Gateway that is
    /// no address.</summary>
    public void AddIngressName(ReadOnlySpan<byte> name)
    {
        if (!ClusterAddress.TryParse(name, out _) && ParseName(name) is { } target)
        {
            _targets.Add(target);
        }
    }

    /// <summary>Each of <c>ports</c> of a Service, an EndpointSlice or a ServiceImport.</summary>
    /// <param name="name">Its name; empty when it has none.</param>
    /// <param name="protocol"><c>TCP</c>, <c>UDP</c>, <c>SCTP</c>; empty means TCP.</param>
    /// <param name="number">Its number, 0 to 65535; <see cref="ClusterPort.NoPort"/> when it has none.</param>
    public void AddPort(ReadOnlySpan<byte> name, ReadOnlySpan<byte> protocol, int number)
    {
        if (number is < ClusterPort.NoPort or > ushort.MaxValue)
        {
            return;
        }

        ClusterProtocol kind = protocol.IsEmpty || Ascii.EqualsIgnoreCase(protocol, "TCP"u8) ? ClusterProtocol.Tcp
            : Ascii.EqualsIgnoreCase(protocol, "UDP"u8) ? ClusterProtocol.Udp
            : Ascii.EqualsIgnoreCase(protocol, "SCTP"u8) ? ClusterProtocol.Sctp : ClusterProtocol.Other;
        _ports.Add(new ClusterPort(InternLower(name) ?? [], kind, number));
    }

    /// <summary>An endpoint of an EndpointSlice starts.</summary>
    public void BeginEndpoint()
    {
        _endpointStart = _addresses.Count;
        _endpointReady = true;
        _endpointHostLength = 0;
        _endpointPodLength = 0;
        _endpointZoneLength = 0;
    }

    /// <summary>Each of an endpoint's <c>addresses</c>. Those that are no addresses (a slice of type FQDN) are ignored.</summary>
    public void AddEndpointAddress(ReadOnlySpan<byte> address)
    {
        if (ClusterAddress.TryParse(address, out ClusterAddress parsed))
        {
            _addresses.Add(parsed);
        }
    }

    /// <summary>An endpoint's <c>conditions.ready</c>. Not to be called for null, which counts as ready.</summary>
    public void SetEndpointReady(bool ready) => _endpointReady = ready;

    /// <summary>An endpoint's <c>hostname</c>.</summary>
    public void SetEndpointHostName(ReadOnlySpan<byte> name) => _endpointHostLength = CopyLower(name, _endpointHost);

    /// <summary>An endpoint's <c>targetRef.name</c>.</summary>
    public void SetEndpointPodName(ReadOnlySpan<byte> name) => _endpointPodLength = CopyLower(name, _endpointPod);

    /// <summary>An endpoint's <c>zone</c>.</summary>
    public void SetEndpointZone(ReadOnlySpan<byte> zone) => _endpointZoneLength = CopyLower(zone, _endpointZone);

    /// <summary>The endpoint ends; without effect when it is not ready.</summary>
    public void EndEndpoint()
    {
        if (!_endpointReady)
        {
            _addresses.RemoveRange(_endpointStart, _addresses.Count - _endpointStart);
            return;
        }

        for (int i = _endpointStart; i < _addresses.Count; i++)
        {
            _endpointHosts.Add(_endpointHost.AsSpan(0, _endpointHostLength));
            _endpointPods.Add((_fields & ClusterFields.EndpointPodNames) != 0 ? _endpointPod.AsSpan(0, _endpointPodLength) : default);
            _endpointZones.Add((_fields & ClusterFields.EndpointZones) != 0 ? _endpointZone.AsSpan(0, _endpointZoneLength) : default);
        }
    }

    /// <summary><c>status.phase</c> of a Pod.</summary>
    public void SetPhase(ReadOnlySpan<byte> phase) =>
        _isGone |= phase.SequenceEqual("Succeeded"u8) || phase.SequenceEqual("Failed"u8) || phase.SequenceEqual("Unknown"u8);

    /// <summary><c>status.podIP</c> and each <c>ip</c> of <c>status.podIPs</c> of a Pod; the same one twice counts once.</summary>
    public void AddPodIP(ReadOnlySpan<byte> address) => AddAddress(_addresses, address);

    /// <summary>Each host name of an Ingress's rules, a Gateway's listeners or an HTTPRoute; the empty one is ignored.</summary>
    public void AddHostName(ReadOnlySpan<byte> name)
    {
        if (ParseName(name) is { } parsed && !_hostNames.Contains(parsed))
        {
            _hostNames.Add(parsed);
        }
    }

    /// <summary>Each of an HTTPRoute's <c>spec.parentRefs</c> whose kind is Gateway or absent.</summary>
    /// <param name="namespaceName">Its namespace; empty means the route's own.</param>
    /// <param name="name">Its name.</param>
    public void AddParent(ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name) =>
        _parents.Add(new ClusterReference(Encoding.UTF8.GetString(namespaceName), Encoding.UTF8.GetString(name)));

    /// <summary>Makes the object of the fields given since <see cref="Begin"/>.</summary>
    /// <param name="item">The object; null unless the outcome is <see cref="ClusterBuildOutcome.Built"/>.</param>
    public ClusterBuildOutcome Build(out ClusterObject? item)
    {
        item = null;
        if (_nameLength == 0 || (_namespaceLength == 0 && _resource != ClusterResource.Namespace))
        {
            return ClusterBuildOutcome.Invalid;
        }

        if (_isGone)
        {
            return ClusterBuildOutcome.Gone;
        }

        byte[] key = _resource == ClusterResource.Namespace ? Name.ToArray() : [.. Namespace, .. Name];
        int split = _resource == ClusterResource.Namespace ? 0 : _namespaceLength;
        item = _resource switch
        {
            ClusterResource.Namespace => new ClusterNamespace(key),
            ClusterResource.Service => new ClusterService(key, split, _type, _isHeadless, _externalName, [.. _addresses], BuildPorts(), [.. _externalIPs], [.. _targets], [.. _hostNames]),
            ClusterResource.EndpointSlice => BuildSlice(key, split),
            ClusterResource.Pod => new ClusterPod(key, split, [.. _addresses], _labels.Build(), _labels.Count / 2),
            ClusterResource.ServiceImport => new ClusterServiceImport(key, split, _isHeadless, [.. _addresses], BuildPorts()),
            _ => new ClusterHosts(_resource, key, split, [.. _hostNames], [.. _addresses], [.. _targets], BuildParents()),
        };
        return ClusterBuildOutcome.Built;
    }

    private static void AddAddress(List<ClusterAddress> list, ReadOnlySpan<byte> text)
    {
        if (ClusterAddress.TryParse(text, out ClusterAddress address) && !list.Contains(address))
        {
            list.Add(address);
        }
    }

    private static DnsName? ParseName(ReadOnlySpan<byte> text)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        return !text.IsEmpty && DnsNameText.TryParse(text, DnsName.Root.View, wire, out int length, out _) && DnsName.TryFromWire(wire[..length], out DnsName? name)
            ? name
            : null;
    }

    /// <summary>Copies a text in lower case; one that does not fit is no text at all.</summary>
    private static int CopyLower(ReadOnlySpan<byte> text, Span<byte> to) =>
        text.Length <= to.Length && Ascii.ToLower(text, to, out int length) == System.Buffers.OperationStatus.Done ? length : 0;

    private byte[]? InternLower(ReadOnlySpan<byte> text)
    {
        Span<byte> lower = stackalloc byte[MaxNameLength];
        int length = CopyLower(text, lower);
        return length == 0 ? null : _texts.Get(lower[..length]);
    }

    private ClusterPort[] BuildPorts()
    {
        if (_ports.Count == 0)
        {
            _ports.Add(new ClusterPort([], ClusterProtocol.Other, ClusterPort.NoPort));
        }

        return _portLists.Get(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ports));
    }

    private ClusterReference[] BuildParents()
    {
        for (int i = 0; i < _parents.Count; i++)
        {
            if (_parents[i].Namespace.Length == 0)
            {
                _parents[i] = _parents[i] with { Namespace = Encoding.UTF8.GetString(Namespace) };
            }
        }

        return [.. _parents];
    }

    private ClusterEndpointSlice BuildSlice(byte[] key, int split)
    {
        // a slice is of one family; an address of the other one, which no server writes, would not fit the array
        bool isIPv4 = _addresses.Count > 0 && _addresses[0].IsIPv4;
        int stride = isIPv4 ? 4 : 16;
        int strays = _addresses.Count(a => a.IsIPv4 != isIPv4);
        byte[] packed = new byte[(_addresses.Count - strays) * stride];
        int at = 0;
        foreach (ClusterAddress address in _addresses)
        {
            if (address.IsIPv4 == isIPv4)
            {
                at += address.CopyTo(packed.AsSpan(at));
            }
        }

        // host names go by index: with strays they would name the wrong endpoints
        return new ClusterEndpointSlice(key, split, _service, _importedService, _cluster, (byte)stride, packed, BuildPorts(),
            strays > 0 ? null : _endpointHosts.Build(), strays > 0 ? null : _endpointPods.Build(), strays > 0 ? null : _endpointZones.Build(), _lastChange);
    }
}
