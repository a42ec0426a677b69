using System.Buffers.Binary;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>How a line of the query log looks: literal text and placeholders, taken apart once.</summary>
internal sealed class LogFormat : ILogFormat
{
    /// <summary>The common log format.</summary>
    public const string CommonText = "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} {>rflags} {rsize} {duration}";

    /// <summary>The common log format and the opcode.</summary>
    public const string CombinedText = CommonText + " \"{>opcode}\"";

    private const string HeadWord = "[INFO]";
    private const string Head = HeadWord + " ";

    /// <summary>The longest text of a placeholder that has none of its own below, in octets.</summary>
    private const int FieldLength = 48;

    private static readonly Dictionary<string, LogField> Fields = new(StringComparer.Ordinal)
    {
        ["{type}"] = LogField.Type,
        ["{name}"] = LogField.Name,
        ["{class}"] = LogField.Class,
        ["{proto}"] = LogField.Protocol,
        ["{size}"] = LogField.Size,
        ["{remote}"] = LogField.Remote,
        ["{port}"] = LogField.Port,
        ["{local}"] = LogField.Local,
        ["{>id}"] = LogField.Id,
        ["{>opcode}"] = LogField.Opcode,
        ["{>do}"] = LogField.DnssecOk,
        ["{>bufsize}"] = LogField.BufferSize,
        ["{rcode}"] = LogField.ResponseCode,
        ["{rsize}"] = LogField.ResponseSize,
        ["{>rflags}"] = LogField.ResponseFlags,
        ["{duration}"] = LogField.Duration,
        ["{/log/class}"] = LogField.ReplyClass,
        ["{/log/type}"] = LogField.ReplyKind,
    };

    [ThreadStatic]
    private static byte[]? t_line;

    private readonly List<Part> _parts = [];
    private readonly List<string> _unknown = [];
    private readonly List<MetadataLabel> _labels = [];

    private LogFormat()
    {
    }

    /// <summary>The common log format.</summary>
    public static LogFormat Common { get; } = Parse(CommonText);

    /// <summary>The most octets that a line can have.</summary>
    public int MaxLength { get; private set; }

    /// <summary>Words in braces that mean nothing and are written as they stand.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <summary>The labels in it.</summary>
    public IReadOnlyList<MetadataLabel> Labels => _labels;

    /// <summary>True when something other than labels and blanks is in it.</summary>
    public bool HasMoreThanLabels =>
        _parts.Exists(p => p.Label is null && (p.Field != LogField.Literal || Encoding.UTF8.GetString(p.Literal).Trim() is not ("" or HeadWord)));

    /// <summary>Takes a format apart.</summary>
    public static LogFormat Parse(string text)
    {
        string rest = Head + text.Replace("{common}", CommonText, StringComparison.Ordinal).Replace("{combined}", CombinedText, StringComparison.Ordinal);
        LogFormat format = new();
        StringBuilder literal = new();
        while (rest.IndexOf('}', StringComparison.Ordinal) is >= 0 and int end)
        {
            int start = rest.LastIndexOf('{', end);
            string word = start < 0 ? string.Empty : rest[start..(end + 1)];
            if (Fields.TryGetValue(word, out LogField field))
            {
                literal.Append(rest, 0, start);
                format.AddLiteral(literal);
                format.AddField(field);
            }
            else if (word.StartsWith("{/", StringComparison.Ordinal))
            {
                literal.Append(rest, 0, start);
                format.AddLiteral(literal);
                format.AddLabel(new MetadataLabel(word[2..^1]));
            }
            else
            {
                literal.Append(rest, 0, end + 1);
                if (word.Length > 0)
                {
                    format._unknown.Add(word);
                }
            }

            rest = rest[(end + 1)..];
        }

        format.AddLiteral(literal.Append(rest));
        return format;
    }

    /// <inheritdoc/>
    public void Bind(BlockCapabilities block)
    {
        foreach (MetadataLabel label in _labels)
        {
            label.Bind(block);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Write(in LogEntry entry)
    {
        byte[] memory = t_line is { } kept && kept.Length >= MaxLength ? kept : t_line = GC.AllocateUninitializedArray<byte>(MaxLength);
        LogLine line = new(memory);
        foreach (Part part in _parts)
        {
            if (part.Field == LogField.Literal)
            {
                line.Append(part.Literal);
            }
            else if (part.Label is { } label)
            {
                WriteLabel(ref line, label, entry.Query);
            }
            else if (part.Field >= LogField.ResponseCode)
            {
                WriteReply(ref line, part.Field, entry);
            }
            else
            {
                WriteQuery(ref line, part.Field, entry.Query);
            }
        }

        return memory.AsSpan(0, line.Length);
    }

    /// <summary>The protocol, as the log has it.</summary>
    public static ReadOnlySpan<byte> ProtocolOf(DnsQuery query) => IsStream(query) ? "tcp"u8 : "udp"u8;

    /// <summary>The most octets that the client takes.</summary>
    public static int BufferSizeOf(DnsQuery query) => IsStream(query) ? DnsQuery.MaxMessageSize : Math.Max(DnsQuery.MinUdpSize, (int)query.Edns.UdpPayloadSize);

    /// <summary>Writes a name in lower case.</summary>
    public static void WriteName(ref LogLine line, DnsNameView name)
    {
        Span<byte> lower = stackalloc byte[DnsNameView.MaxLength];
        name.CopyLowerTo(lower);
        line.Advance(DnsNameText.Format(new DnsNameView(lower[..name.Length]), line.Free));
    }

    private static bool IsStream(DnsQuery query) => query.Transport is DnsTransport.Tcp or DnsTransport.Tls or DnsTransport.Https;

    private static void WriteQuery(ref LogLine line, LogField field, DnsQuery query)
    {
        // What was asked, not what a handler made of it.
        ReadOnlySpan<byte> asked = query.AskedQuestion;
        int written;
        switch (field)
        {
            case LogField.Type:
                DnsTypeText.TryFormat((DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(asked[^4..]), line.Free, out written);
                line.Advance(written);
                break;
            case LogField.Class:
                DnsClassText.TryFormat((DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(asked[^2..]), line.Free, out written);
                line.Advance(written);
                break;
            case LogField.Name:
                WriteName(ref line, query.AskedName);
                break;
            case LogField.Protocol:
                line.Append(ProtocolOf(query));
                break;
            case LogField.Size:
                line.Append(query.WireLength);
                break;
            case LogField.Remote:
                line.AppendAddress(query.Client);
                break;
            case LogField.Port:
                line.Append(query.Client.Port);
                break;
            case LogField.Local:
                line.AppendAddress(query.Local);
                break;
            case LogField.Id:
                line.Append(query.Header.Id);
                break;
            case LogField.Opcode:
                line.Append((int)query.Header.Opcode);
                break;
            case LogField.DnssecOk:
                line.Append(query.DnssecOk ? "true"u8 : "false"u8);
                break;
            default:
                line.Append(BufferSizeOf(query));
                break;
        }
    }

    private static void WriteReply(ref LogLine line, LogField field, in LogEntry entry)
    {
        switch (field)
        {
            case LogField.Duration:
                line.AppendSeconds(entry.Nanoseconds);
                break;
            case LogField.ReplyClass:
                line.Append(ReplyKinds.TextOf(ReplyKinds.ClassOf(entry.Kind)));
                break;
            case LogField.ReplyKind:
                line.Append(ReplyKinds.TextOf(entry.Kind));
                break;
            case LogField.ResponseSize:
                line.Append(entry.ReplyLength);
                break;
            case LogField.ResponseCode when entry.HasReply:
                DnsResponseCodeText.TryFormat(entry.Code, line.Free, out int written);
                line.Advance(written);
                break;
            case LogField.ResponseFlags when entry.HasReply:
                line.AppendFlags(entry.ReplyFlags);
                break;
            default:
                line.Append("-"u8);
                break;
        }
    }

    /// <summary>Writes the value of a label. Nothing in it breaks the line: clients choose names.</summary>
    private static void WriteLabel(ref LogLine line, MetadataLabel label, DnsQuery query)
    {
        if (!label.TryRead(query, line.Free[..MetadataLabel.MaxValueLength], out int written) || written == 0)
        {
            // A label without a value is a dash.
            line.Append("-"u8);
            return;
        }

        foreach (ref byte c in line.Free[..written])
        {
            c = c is < (byte)' ' or 0x7F ? (byte)'?' : c;
        }

        line.Advance(written);
    }

    private void AddLabel(MetadataLabel label)
    {
        _labels.Add(label);
        _parts.Add(new Part(LogField.Label, [], label));
        MaxLength += MetadataLabel.MaxValueLength;
    }

    private void AddLiteral(StringBuilder text)
    {
        if (text.Length > 0)
        {
            byte[] octets = Encoding.UTF8.GetBytes(text.ToString());
            _parts.Add(new Part(LogField.Literal, octets));
            MaxLength += octets.Length;
            text.Clear();
        }
    }

    private void AddField(LogField field)
    {
        _parts.Add(new Part(field, []));
        MaxLength += field == LogField.Name ? DnsNameText.MaxChars : FieldLength;
    }

    private readonly record struct Part(LogField Field, byte[] Literal, MetadataLabel? Label = null);
}
