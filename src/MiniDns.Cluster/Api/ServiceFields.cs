using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads what the spec of a Service or of a ServiceImport says, and the ports of an EndpointSlice.</summary>
internal sealed class ServiceFields(ClusterObjectBuilder builder, ObjectTexts texts)
{
    /// <summary>Reads a property of the spec of a Service.</summary>
    public void ReadField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
        {
            builder.SetType(texts.Next(ref reader));
        }
        else if (reader.ValueTextEquals("clusterIP"u8))
        {
            builder.AddClusterIP(texts.Next(ref reader));
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
            builder.SetExternalName(texts.Next(ref reader));
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

    /// <summary>Reads a property of the spec of a ServiceImport.</summary>
    public void ReadImportField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
        {
            builder.SetType(texts.Next(ref reader));
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

    /// <summary>Reads the property that has the ports.</summary>
    public void ReadPorts(ref Utf8JsonReader reader)
    {
        if (!JsonFields.EnterArray(ref reader))
        {
            return;
        }

        Span<byte> name = stackalloc byte[64];
        while (JsonFields.NextItem(ref reader))
        {
            if (!JsonFields.IsObject(ref reader))
            {
                continue;
            }

            int nameLength = 0;
            int protocolLength = 0;
            int number = ClusterPort.NoPort;
            while (JsonFields.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("name"u8))
                {
                    nameLength = JsonFields.Keep(texts.Next(ref reader), name);
                }
                else if (reader.ValueTextEquals("protocol"u8))
                {
                    protocolLength = texts.Keep(texts.Next(ref reader));
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

            builder.AddPort(name[..nameLength], texts.Kept(protocolLength), number);
        }
    }

    private void ReadAddresses(ref Utf8JsonReader reader, bool isExternal)
    {
        if (!JsonFields.EnterArray(ref reader))
        {
            return;
        }

        while (JsonFields.NextItem(ref reader))
        {
            ReadOnlySpan<byte> address = texts.Here(ref reader);
            if (isExternal)
            {
                builder.AddExternalIP(address);
            }
            else
            {
                builder.AddClusterIP(address);
            }
        }
    }
}
