using System.Text;
using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads one object after another straight into what DNS keeps of it. Fields of an unexpected type count as absent.</summary>
/// <remarks>One reader serves one feed: it keeps its buffers and what objects share.</remarks>
internal sealed class ObjectReader(ClusterResource resource, ClusterFields fields)
{
    private const int LongestText = 4096;
    private const int LongestVersion = 64;

    private readonly ClusterObjectBuilder _builder = new(fields);
    private readonly byte[] _text = new byte[LongestText];
    private readonly byte[] _other = new byte[LongestText];
    private readonly byte[] _version = new byte[LongestVersion];
    private int _versionLength;

    /// <summary>The namespace of the object read last.</summary>
    public ReadOnlySpan<byte> Namespace => _builder.Namespace;

    /// <summary>Its name.</summary>
    public ReadOnlySpan<byte> Name => _builder.Name;

    /// <summary>Its resource version; null when it had none.</summary>
    public string? Version => _versionLength == 0 ? null : Encoding.UTF8.GetString(_version, 0, _versionLength);

    /// <summary>Whether the object read last is the bookmark that ends the initial events of a streaming list.</summary>
    public bool EndsInitialEvents { get; private set; }

    /// <summary>Reads the object that a reader stands on; afterwards it stands on its end.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public ClusterBuildOutcome Read(ref Utf8JsonReader reader, out ClusterObject? item)
    {
        _builder.Begin(resource);
        _versionLength = 0;
        EndsInitialEvents = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            item = null;
            return ClusterBuildOutcome.Invalid;
        }

        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                ReadMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                ReadSpec(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                ReadStatus(ref reader);
            }
            else if (resource == ClusterResource.EndpointSlice && reader.ValueTextEquals("endpoints"u8))
            {
                ReadEndpoints(ref reader);
            }
            else if (resource == ClusterResource.EndpointSlice && reader.ValueTextEquals("ports"u8))
            {
                ReadPorts(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return _builder.Build(out item);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!EnterObject(ref reader))
        {
            return;
        }

        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                _builder.SetName(Text(ref reader, _text));
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                _builder.SetNamespace(Text(ref reader, _text));
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                _versionLength = Keep(Text(ref reader, _text), _version);
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                if (!Text(ref reader, _text).IsEmpty)
                {
                    _builder.SetTerminating();
                }
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                ReadMap(ref reader, isLabels: true);
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                ReadMap(ref reader, isLabels: false);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadMap(ref Utf8JsonReader reader, bool isLabels)
    {
        if (!EnterObject(ref reader))
        {
            return;
        }

        while (NextProperty(ref reader))
        {
            ReadOnlySpan<byte> key = Unescaped(ref reader, _other);
            ReadOnlySpan<byte> value = Text(ref reader, _text);
            if (isLabels)
            {
                _builder.AddLabel(key, value);
            }
            else
            {
                EndsInitialEvents |= key.SequenceEqual("k8s.io/initial-events-end"u8) && value.SequenceEqual("true"u8);
                _builder.AddAnnotation(key, value);
            }
        }
    }

    private void ReadSpec(ref Utf8JsonReader reader)
    {
        if (resource is ClusterResource.Pod or ClusterResource.Namespace)
        {
            reader.Skip();
            return;
        }

        if (!EnterObject(ref reader))
        {
            return;
        }

        while (NextProperty(ref reader))
        {
            switch (resource)
            {
                case ClusterResource.Service:
                    ReadServiceField(ref reader);
                    break;
                case ClusterResource.ServiceImport:
                    ReadImportField(ref reader);
                    break;
                case ClusterResource.Ingress when reader.ValueTextEquals("rules"u8):
                    ReadHostsOf(ref reader, "host"u8);
                    break;
                case ClusterResource.Gateway when reader.ValueTextEquals("listeners"u8):
                    ReadHostsOf(ref reader, "hostname"u8);
                    break;
                case ClusterResource.HttpRoute:
                    ReadRouteField(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadServiceField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
        {
            _builder.SetType(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("clusterIP"u8))
        {
            _builder.AddClusterIP(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("clusterIPs"u8))
        {
            ReadAddresses(ref reader, isExternal: false);
        }
        else if (reader.ValueTextEquals("externalIPs"u8))
        {
            ReadAddresses(ref reader, isExternal: true);
        }
        else if (reader.ValueTextEquals("externalName"u8))
        {
            _builder.SetExternalName(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("ports"u8))
        {
            ReadPorts(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private void ReadImportField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
        {
            _builder.SetType(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("ips"u8))
        {
            ReadAddresses(ref reader, isExternal: false);
        }
        else if (reader.ValueTextEquals("ports"u8))
        {
            ReadPorts(ref reader);
        }
        else
        {
            reader.Skip();
        }
    }

    private void ReadRouteField(ref Utf8JsonReader reader)
    {
        bool isHosts = reader.ValueTextEquals("hostnames"u8);
        if (!isHosts && !reader.ValueTextEquals("parentRefs"u8))
        {
            reader.Skip();
        }
        else if (EnterArray(ref reader))
        {
            while (NextItem(ref reader))
            {
                if (isHosts)
                {
                    _builder.AddHostName(Here(ref reader, _text));
                }
                else
                {
                    ReadParent(ref reader);
                }
            }
        }
    }

    private void ReadParent(ref Utf8JsonReader reader)
    {
        if (!IsObject(ref reader))
        {
            return;
        }

        Span<byte> ns = stackalloc byte[253];
        int namespaceLength = 0;
        int nameLength = 0;
        bool isGateway = true;
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                isGateway = Text(ref reader, _text).SequenceEqual("Gateway"u8);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                nameLength = Keep(Text(ref reader, _text), _other);
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                namespaceLength = Keep(Text(ref reader, _text), ns);
            }
            else
            {
                reader.Skip();
            }
        }

        if (isGateway && nameLength > 0)
        {
            _builder.AddParent(ns[..namespaceLength], _other.AsSpan(0, nameLength));
        }
    }

    private void ReadStatus(ref Utf8JsonReader reader)
    {
        if (resource is ClusterResource.Namespace or ClusterResource.ServiceImport or ClusterResource.HttpRoute)
        {
            reader.Skip();
            return;
        }

        if (!EnterObject(ref reader))
        {
            return;
        }

        while (NextProperty(ref reader))
        {
            if (resource == ClusterResource.Pod && reader.ValueTextEquals("phase"u8))
            {
                _builder.SetPhase(Text(ref reader, _text));
            }
            else if (resource == ClusterResource.Pod && reader.ValueTextEquals("podIP"u8))
            {
                _builder.AddPodIP(Text(ref reader, _text));
            }
            else if (resource == ClusterResource.Pod && reader.ValueTextEquals("podIPs"u8))
            {
                ReadStatusAddresses(ref reader, "ip"u8, default);
            }
            else if (resource == ClusterResource.Gateway && reader.ValueTextEquals("addresses"u8))
            {
                ReadStatusAddresses(ref reader, "value"u8, "value"u8);
            }
            else if (resource is ClusterResource.Service or ClusterResource.Ingress && reader.ValueTextEquals("loadBalancer"u8))
            {
                ReadLoadBalancer(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadLoadBalancer(ref Utf8JsonReader reader)
    {
        if (!EnterObject(ref reader))
        {
            return;
        }

        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("ingress"u8))
            {
                ReadStatusAddresses(ref reader, "ip"u8, "hostname"u8);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>An array of objects that each have an address in one field, or a name in another, which may be the same one.</summary>
    private void ReadStatusAddresses(ref Utf8JsonReader reader, ReadOnlySpan<byte> addressField, ReadOnlySpan<byte> nameField)
    {
        if (!EnterArray(ref reader))
        {
            return;
        }

        while (NextItem(ref reader))
        {
            if (!IsObject(ref reader))
            {
                continue;
            }

            // An ingress point with an address is reached by that, whatever its name.
            int nameLength = 0;
            bool hasAddress = false;
            while (NextProperty(ref reader))
            {
                bool isAddress = reader.ValueTextEquals(addressField);
                bool isName = !nameField.IsEmpty && reader.ValueTextEquals(nameField);
                if (!isAddress && !isName)
                {
                    reader.Skip();
                    continue;
                }

                ReadOnlySpan<byte> text = Text(ref reader, _text);
                if (isAddress && !text.IsEmpty)
                {
                    if (resource == ClusterResource.Pod)
                    {
                        _builder.AddPodIP(text);
                    }
                    else
                    {
                        _builder.AddIngressAddress(text);
                    }

                    hasAddress = !isName || ClusterAddress.TryParse(text, out _);
                }

                if (isName)
                {
                    nameLength = Keep(text, _other);
                }
            }

            if (!hasAddress && nameLength > 0)
            {
                _builder.AddIngressName(_other.AsSpan(0, nameLength));
            }
        }
    }

    private void ReadAddresses(ref Utf8JsonReader reader, bool isExternal)
    {
        if (!EnterArray(ref reader))
        {
            return;
        }

        while (NextItem(ref reader))
        {
            ReadOnlySpan<byte> address = Here(ref reader, _text);
            if (isExternal)
            {
                _builder.AddExternalIP(address);
            }
            else
            {
                _builder.AddClusterIP(address);
            }
        }
    }

    private void ReadHostsOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (!EnterArray(ref reader))
        {
            return;
        }

        while (NextItem(ref reader))
        {
            if (!IsObject(ref reader))
            {
                continue;
            }

            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals(field))
                {
                    _builder.AddHostName(Text(ref reader, _text));
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    private void ReadPorts(ref Utf8JsonReader reader)
    {
        if (!EnterArray(ref reader))
        {
            return;
        }

        Span<byte> name = stackalloc byte[64];
        while (NextItem(ref reader))
        {
            if (!IsObject(ref reader))
            {
                continue;
            }

            int nameLength = 0;
            int protocolLength = 0;
            int number = ClusterPort.NoPort;
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("name"u8))
                {
                    nameLength = Keep(Text(ref reader, _text), name);
                }
                else if (reader.ValueTextEquals("protocol"u8))
                {
                    protocolLength = Keep(Text(ref reader, _text), _other);
                }
                else if (reader.ValueTextEquals("port"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out number))
                    {
                        number = ClusterPort.NoPort;
                        reader.Skip();
                    }
                }
                else
                {
                    reader.Skip();
                }
            }

            _builder.AddPort(name[..nameLength], _other.AsSpan(0, protocolLength), number);
        }
    }

    private void ReadEndpoints(ref Utf8JsonReader reader)
    {
        if (!EnterArray(ref reader))
        {
            return;
        }

        while (NextItem(ref reader))
        {
            if (!IsObject(ref reader))
            {
                continue;
            }

            _builder.BeginEndpoint();
            while (NextProperty(ref reader))
            {
                ReadEndpointField(ref reader);
            }

            _builder.EndEndpoint();
        }
    }

    private void ReadEndpointField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("addresses"u8))
        {
            if (EnterArray(ref reader))
            {
                while (NextItem(ref reader))
                {
                    _builder.AddEndpointAddress(Here(ref reader, _text));
                }
            }
        }
        else if (reader.ValueTextEquals("conditions"u8))
        {
            if (EnterObject(ref reader))
            {
                while (NextProperty(ref reader))
                {
                    bool isReady = reader.ValueTextEquals("ready"u8);
                    reader.Read();
                    if (isReady && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    {
                        _builder.SetEndpointReady(reader.TokenType == JsonTokenType.True);
                    }

                    reader.Skip();
                }
            }
        }
        else if (reader.ValueTextEquals("hostname"u8))
        {
            _builder.SetEndpointHostName(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("zone"u8))
        {
            _builder.SetEndpointZone(Text(ref reader, _text));
        }
        else if (reader.ValueTextEquals("targetRef"u8))
        {
            if (EnterObject(ref reader))
            {
                while (NextProperty(ref reader))
                {
                    if (reader.ValueTextEquals("name"u8))
                    {
                        _builder.SetEndpointPodName(Text(ref reader, _text));
                    }
                    else
                    {
                        reader.Skip();
                    }
                }
            }
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>Copies a text that must outlive the next one; one too long to be of use counts as empty.</summary>
    private static int Keep(ReadOnlySpan<byte> text, Span<byte> to) => text.TryCopyTo(to) ? text.Length : 0;

    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static bool NextItem(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Goes to the value of a property; one that is no object is passed over.</summary>
    private static bool EnterObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        return IsObject(ref reader);
    }

    private static bool EnterArray(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    private static bool IsObject(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>The text of the property that the reader stands on; empty when it is no text.</summary>
    private static ReadOnlySpan<byte> Text(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        reader.Read();
        return Here(ref reader, scratch);
    }

    /// <summary>The text that the reader stands on; empty when it is no text.</summary>
    private static ReadOnlySpan<byte> Here(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Unescaped(ref reader, scratch);
        }

        reader.Skip();
        return default;
    }

    private static ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader reader, Span<byte> scratch)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        // Unescaping never makes a text longer.
        return reader.ValueSpan.Length <= scratch.Length ? scratch[..reader.CopyString(scratch)] : default;
    }
}
