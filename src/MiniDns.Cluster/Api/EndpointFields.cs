using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads the endpoints of an EndpointSlice.</summary>
internal sealed class EndpointFields(ClusterObjectBuilder builder, ObjectTexts texts)
{
    /// <summary>Reads the property that has the endpoints.</summary>
    public void Read(ref Utf8JsonReader reader)
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

            builder.BeginEndpoint();
            while (JsonFields.NextProperty(ref reader))
            {
                ReadField(ref reader);
            }

            builder.EndEndpoint();
        }
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("addresses"u8))
        {
            if (JsonFields.EnterArray(ref reader))
            {
                while (JsonFields.NextItem(ref reader))
                {
                    builder.AddEndpointAddress(texts.Here(ref reader));
                }
            }
        }
        else if (reader.ValueTextEquals("conditions"u8))
        {
            if (JsonFields.EnterObject(ref reader))
            {
                while (JsonFields.NextProperty(ref reader))
                {
                    bool isReady = reader.ValueTextEquals("ready"u8);
                    reader.Read();
                    if (isReady && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    {
                        builder.SetEndpointReady(reader.TokenType == JsonTokenType.True);
                    }

                    reader.Skip();
                }
            }
        }
        else if (reader.ValueTextEquals("hostname"u8))
        {
            builder.SetEndpointHostName(texts.Next(ref reader));
        }
        else if (reader.ValueTextEquals("zone"u8))
        {
            builder.SetEndpointZone(texts.Next(ref reader));
        }
        else if (reader.ValueTextEquals("targetRef"u8))
        {
            if (JsonFields.EnterObject(ref reader))
            {
                while (JsonFields.NextProperty(ref reader))
                {
                    if (reader.ValueTextEquals("name"u8))
                    {
                        builder.SetEndpointPodName(texts.Next(ref reader));
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
}
