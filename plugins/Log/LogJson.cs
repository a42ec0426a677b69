using System.Buffers.Binary;
using System.Text.Json;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>A line that is a JSON object: every placeholder is a property, and so is every label of metadata that has a value.</summary>
/// <param name="time">The clock.</param>
/// <param name="every">One of how many queries the rule logs; told in the line when it is more than 1, so that counts can be scaled.</param>
/// <param name="wanted">Labels to tell besides those that plugins list.</param>
internal sealed class LogJson(TimeProvider time, int every, IReadOnlyList<string> wanted) : ILogFormat
{
    private static readonly JsonEncodedText Info = JsonEncodedText.Encode("info");
    private static readonly JsonEncodedText Remote = JsonEncodedText.Encode("remote");
    private static readonly JsonEncodedText Port = JsonEncodedText.Encode("port");
    private static readonly JsonEncodedText Local = JsonEncodedText.Encode("local");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Opcode = JsonEncodedText.Encode("opcode");
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText Class = JsonEncodedText.Encode("class");
    private static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText Protocol = JsonEncodedText.Encode("proto");
    private static readonly JsonEncodedText Size = JsonEncodedText.Encode("size");
    private static readonly JsonEncodedText DnssecOk = JsonEncodedText.Encode("do");
    private static readonly JsonEncodedText BufferSize = JsonEncodedText.Encode("bufsize");
    private static readonly JsonEncodedText ResponseCode = JsonEncodedText.Encode("rcode");
    private static readonly JsonEncodedText ResponseFlags = JsonEncodedText.Encode("rflags");
    private static readonly JsonEncodedText ResponseSize = JsonEncodedText.Encode("rsize");
    private static readonly JsonEncodedText Duration = JsonEncodedText.Encode("duration");
    private static readonly JsonEncodedText ReplyClass = JsonEncodedText.Encode("log/class");
    private static readonly JsonEncodedText ReplyType = JsonEncodedText.Encode("log/type");
    private static readonly JsonEncodedText Sample = JsonEncodedText.Encode("sample");

    private (JsonEncodedText Key, MetadataLabel Label)[] _labels = [];

    /// <inheritdoc/>
    public void Bind(BlockCapabilities block)
    {
        List<(JsonEncodedText, MetadataLabel)> labels = [];
        foreach (string name in block.All<IMetadataSource>().SelectMany(s => s.Labels).Concat(wanted).Distinct(StringComparer.Ordinal))
        {
            MetadataLabel label = new(name);
            label.Bind(block);
            if (label.IsBound)
            {
                labels.Add((JsonEncodedText.Encode(name), label));
            }
        }

        _labels = [.. labels];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Write(in LogEntry entry)
    {
        JsonLine line = JsonLine.Begin(time, Info);
        WriteQuery(line.Json, entry.Query);
        WriteReply(line.Json, entry);
        if (every > 1)
        {
            line.Json.WriteNumber(Sample, every);
        }

        WriteLabels(line.Json, entry.Query);
        return line.End();
    }

    private static void WriteQuery(Utf8JsonWriter json, DnsQuery query)
    {
        Span<byte> scratch = stackalloc byte[DnsNameText.MaxChars];
        WriteAddress(json, Remote, query.Client, scratch);
        json.WriteNumber(Port, query.Client.Port);
        WriteAddress(json, Local, query.Local, scratch);
        json.WriteNumber(Id, query.Header.Id);
        json.WriteNumber(Opcode, (int)query.Header.Opcode);
        ReadOnlySpan<byte> asked = query.AskedQuestion;
        DnsTypeText.TryFormat((DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(asked[^4..]), scratch, out int written);
        json.WriteString(Type, scratch[..written]);
        DnsClassText.TryFormat((DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(asked[^2..]), scratch, out written);
        json.WriteString(Class, scratch[..written]);
        LogLine name = new(scratch);
        LogFormat.WriteName(ref name, query.AskedName);
        json.WriteString(Name, scratch[..name.Length]);
        json.WriteString(Protocol, LogFormat.ProtocolOf(query));
        json.WriteNumber(Size, query.WireLength);
        json.WriteBoolean(DnssecOk, query.DnssecOk);
        json.WriteNumber(BufferSize, LogFormat.BufferSizeOf(query));
    }

    private static void WriteReply(Utf8JsonWriter json, in LogEntry entry)
    {
        Span<byte> scratch = stackalloc byte[64];
        if (entry.HasReply)
        {
            DnsResponseCodeText.TryFormat(entry.Code, scratch, out int written);
            json.WriteString(ResponseCode, scratch[..written]);
            LogLine flags = new(scratch);
            flags.AppendFlags(entry.ReplyFlags);
            json.WriteString(ResponseFlags, scratch[..flags.Length]);
        }
        else
        {
            json.WriteNull(ResponseCode);
            json.WriteNull(ResponseFlags);
        }

        json.WriteNumber(ResponseSize, entry.ReplyLength);
        json.WriteNumber(Duration, entry.Nanoseconds / 1_000_000_000m);
        json.WriteString(ReplyClass, ReplyKinds.TextOf(ReplyKinds.ClassOf(entry.Kind)));
        json.WriteString(ReplyType, ReplyKinds.TextOf(entry.Kind));
    }

    private static void WriteAddress(Utf8JsonWriter json, JsonEncodedText key, in ClientAddress address, Span<byte> scratch)
    {
        LogLine line = new(scratch);
        line.AppendAddress(address);
        ReadOnlySpan<byte> text = scratch[..line.Length];
        json.WriteString(key, text[0] == '[' ? text[1..^1] : text);
    }

    private void WriteLabels(Utf8JsonWriter json, DnsQuery query)
    {
        if (_labels.Length == 0)
        {
            return;
        }

        Span<byte> value = stackalloc byte[MetadataLabel.MaxValueLength];
        foreach ((JsonEncodedText key, MetadataLabel label) in _labels)
        {
            if (label.TryRead(query, value, out int written) && written > 0)
            {
                json.WriteString(key, value[..written]);
            }
        }
    }
}
