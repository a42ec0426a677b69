using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads the status of an object: the addresses that it has been given.</summary>
internal sealed class StatusFields(ClusterResource resource, ClusterObjectBuilder builder, ObjectTexts texts)
{
    /// <summary>Reads the property that has the status.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (resource is ClusterResource.Namespace or ClusterResource.ServiceImport or ClusterResource.HttpRoute)
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
            if (resource == ClusterResource.Pod && reader.ValueTextEquals("phase"u8))
            {
                builder.SetPhase(texts.Next(ref reader));
            }
            else if (resource == ClusterResource.Pod && reader.ValueTextEquals("podIP"u8))
            {
                builder.AddPodIP(texts.Next(ref reader));
            }
            else if (resource == ClusterResource.Pod && reader.ValueTextEquals("podIPs"u8))
            {
                ReadAddresses(ref reader, "ip"u8, default);
            }
            else if (resource == ClusterResource.Gateway && reader.ValueTextEquals("addresses"u8))
            {
                ReadAddresses(ref reader, "value"u8, "value"u8);
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
        if (!JsonFields.EnterObject(ref reader))
        {
            return;
        }

        while (JsonFields.NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("ingress"u8))
            {
                ReadAddresses(ref reader, "ip"u8, "hostname"u8);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>An array of objects that each have an address in one field, or a name in another, which may be the same one.</summary>
    private void ReadAddresses(ref Utf8JsonReader reader, ReadOnlySpan<byte> addressField, ReadOnlySpan<byte> nameField)
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

            // An ingress point with an address is reached by that, whatever its name.
            int nameLength = 0;
            bool hasAddress = false;
            while (JsonFields.NextProperty(ref reader))
            {
                bool isAddress = reader.ValueTextEquals(addressField);
                bool isName = !nameField.IsEmpty && reader.ValueTextEquals(nameField);
                if (!isAddress && !isName)
                {
                    reader.Skip();
                    continue;
                }

                ReadOnlySpan<byte> text = texts.Next(ref reader);
                if (isAddress && !text.IsEmpty)
                {
                    if (resource == ClusterResource.Pod)
                    {
                        builder.AddPodIP(text);
                    }
                    else
                    {
                        builder.AddIngressAddress(text);
                    }

                    hasAddress = !isName || ClusterAddress.TryParse(text, out _);
                }

                if (isName)
                {
                    nameLength = texts.Keep(text);
                }
            }

            if (!hasAddress && nameLength > 0)
            {
                builder.AddIngressName(texts.Kept(nameLength));
            }
        }
    }
}
