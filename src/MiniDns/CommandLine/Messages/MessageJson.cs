using System.Text.Json;
using MiniDns.Protocol.Messages;

namespace MiniDns.CommandLine.Messages;

/// <summary>Writes a response as JSON.</summary>
internal static class MessageJson
{
    /// <summary>Writes an object.</summary>
    public static void Write(Utf8JsonWriter json, MessageText message)
    {
        json.WriteStartObject();
        json.WriteNumber("id", message.Header.Id);
        json.WriteString("opcode", DnsOpcodeText.Format(message.Header.Opcode));
        json.WriteString("status", DnsResponseCodeText.Format(message.Code));
        JsonOutput.WriteStrings(json, "flags", message.Flags);
        if (message.IsMalformed)
        {
            json.WriteBoolean("malformed", true);
        }

        if (message.Edns.IsPresent)
        {
            json.WriteStartObject("edns");
            json.WriteNumber("version", message.Edns.Version);
            json.WriteNumber("udp", message.Edns.UdpPayloadSize);
            json.WriteBoolean("do", message.Edns.DnssecOk);
            JsonOutput.WriteStrings(json, "options", message.Options.Select(o => $"{o.Name}: {o.Value}"));
            json.WriteEndObject();
        }

        json.WriteStartArray("question");
        foreach ((string name, string @class, string type) in message.Questions)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("class", @class);
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, "answer", message.Answers);
        Write(json, "authority", message.Authorities);
        Write(json, "additional", message.Additionals);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string section, IReadOnlyList<MessageRecord> records)
    {
        json.WriteStartArray(section);
        foreach (MessageRecord record in records)
        {
            json.WriteStartObject();
            json.WriteString("name", record.Owner);
            json.WriteNumber("ttl", record.Ttl);
            json.WriteString("class", record.Class);
            json.WriteString("type", record.Type);
            json.WriteString("data", record.Data);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
