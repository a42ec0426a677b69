using System.Text;
using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads one object after another straight into what DNS keeps of it. Fields of an unexpected type count as absent.</summary>
/// <remarks>One reader serves one feed: it keeps its buffers and what objects share.</remarks>
internal sealed class ObjectReader
{
    private const int LongestVersion = 64;

    private readonly ClusterResource _resource;
    private readonly ClusterObjectBuilder _builder;
    private readonly ObjectTexts _texts = new();
    private readonly ServiceFields _service;
    private readonly HostFields _hosts;
    private readonly StatusFields _status;
    private readonly EndpointFields _endpoints;
    private readonly byte[] _version = new byte[LongestVersion];
    private int _versionLength;

    /// <summary>Makes a reader.</summary>
    /// <param name="resource">What it reads.</param>
    /// <param name="fields">The fields to keep besides those that every answer needs.</param>
    public ObjectReader(ClusterResource resource, ClusterFields fields)
    {
        _resource = resource;
        _builder = new ClusterObjectBuilder(fields);
        _service = new ServiceFields(_builder, _texts);
        _hosts = new HostFields(_builder, _texts);
        _status = new StatusFields(resource, _builder, _texts);
        _endpoints = new EndpointFields(_builder, _texts);
    }

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
        _builder.Begin(_resource);
        _versionLength = 0;
        EndsInitialEvents = false;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            item = null;
            return ClusterBuildOutcome.Invalid;
        }

        while (JsonFields.NextProperty(ref reader))
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
                _status.Read(ref reader);
            }
            else if (_resource == ClusterResource.EndpointSlice && reader.ValueTextEquals("endpoints"u8))
            {
                _endpoints.Read(ref reader);
            }
            else if (_resource == ClusterResource.EndpointSlice && reader.ValueTextEquals("ports"u8))
            {
                _service.ReadPorts(ref reader);
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
        if (!JsonFields.EnterObject(ref reader))
        {
            return;
        }

        while (JsonFields.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
            {
                _builder.SetName(_texts.Next(ref reader));
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                _builder.SetNamespace(_texts.Next(ref reader));
            }
            else if (reader.ValueTextEquals("resourceVersion"u8))
            {
                _versionLength = JsonFields.Keep(_texts.Next(ref reader), _version);
            }
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
            {
                if (!_texts.Next(ref reader).IsEmpty)
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
        if (!JsonFields.EnterObject(ref reader))
        {
            return;
        }

        while (JsonFields.NextProperty(ref reader))
        {
            ReadOnlySpan<byte> key = JsonFields.Unescaped(ref reader, _texts.Other);
            ReadOnlySpan<byte> value = _texts.Next(ref reader);
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
        if (_resource is ClusterResource.Pod or ClusterResource.Namespace)
        {
            reader.Skip();
            return;
        }

        if (!JsonFields.EnterObject(ref reader))
        {
            return;
        }

        while (JsonFields.NextProperty(ref reader))
        {
            switch (_resource)
            {
                case ClusterResource.Service:
                    _service.ReadField(ref reader);
                    break;
                case ClusterResource.ServiceImport:
                    _service.ReadImportField(ref reader);
                    break;
                case ClusterResource.Ingress when reader.ValueTextEquals("rules"u8):
                    _hosts.ReadHostsOf(ref reader, "host"u8);
                    break;
                case ClusterResource.Gateway when reader.ValueTextEquals("listeners"u8):
                    _hosts.ReadHostsOf(ref reader, "hostname"u8);
                    break;
                case ClusterResource.HttpRoute:
                    _hosts.ReadRouteField(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
