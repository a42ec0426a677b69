using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads the host names in the spec of an Ingress, a Gateway or an HTTPRoute.</summary>
internal sealed class HostFields(ClusterObjectBuilder builder, ObjectTexts texts)
{
    /// <summary>Reads a property that is an array of objects, each with a host name in one field.</summary>
    public void ReadHostsOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        if (!JsonFields.EnterArray(ref reader))
        {
            return;
        }

        while (JsonFields.NextItem(ref reader))
        {
            if (!JsonFields.IsObject(ref reader))
            {
                continue;
            }

            while (JsonFields.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals(field))
                {
                    builder.AddHostName(texts.Next(ref reader));
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    /// <summary>Reads a property of the spec of an HTTPRoute.</summary>
    public void ReadRouteField(ref Utf8JsonReader reader)
    {
        bool isHosts = reader.ValueTextEquals("hostnames"u8);
        if (!isHosts && !reader.ValueTextEquals("parentRefs"u8))
        {
            reader.Skip();
        }
        else if (JsonFields.EnterArray(ref reader))
        {
            while (JsonFields.NextItem(ref reader))
            {
                if (isHosts)
                {
                    builder.AddHostName(texts.Here(ref reader));
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
        if (!JsonFields.IsObject(ref reader))
        {
            return;
        }

        Span<byte> ns = stackalloc byte[253];
        int namespaceLength = 0;
        int nameLength = 0;
        bool isGateway = true;
        while (JsonFields.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("kind"u8))
            {
                isGateway = texts.Next(ref reader).SequenceEqual("Gateway"u8);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                nameLength = texts.Keep(texts.Next(ref reader));
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                namespaceLength = JsonFields.Keep(texts.Next(ref reader), ns);
            }
            else
            {
                reader.Skip();
            }
        }

        if (isGateway && nameLength > 0)
        {
            builder.AddParent(ns[..namespaceLength], texts.Kept(nameLength));
        }
    }
}
