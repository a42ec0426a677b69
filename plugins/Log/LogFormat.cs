using System.Buffers.Binary;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>How a line of the query log looks: literal text and placeholders, taken apart once.</summary>
internal sealed class LogFormat
{
    /// <summary>The common log format.</summary>
    public const string CommonText = "{remote}:{port} - {>id} \"{type} {class} {name} {proto} {size} {>do} {>bufsize}\" {rcode} {>rflags} {rsize} {duration}";

    /// <summary>The common log format and the opcode.</summary>
    public const string CombinedText = CommonText + " \"{>opcode}\"";

    private const string Head = "[INFO] ";

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

    /// <summary>True when the reply's size or flags are in it, so that the reply has to be encoded.</summary>
    public bool NeedsReply { get; private set; }

    /// <summary>Words in braces that mean nothing and are written as they stand.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <summary>The labels in it, to be bound when the block is wired.</summary>
    public IReadOnlyList<MetadataLabel> Labels => _labels;

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

    /// <summary>Writes a line.</summary>
    /// <param name="entry">What to tell.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> octets.</param>
    /// <returns>The octets written.</returns>
    public int Write(in LogEntry entry, Span<byte> destination)
    {
        LogLine line = new(destination);
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

        return line.Length;
    }

    private static void WriteQuery(ref LogLine line, LogField field, DnsQuery query)
    {
        // What was asked, not what a handler made of it.
        ReadOnlySpan<byte> asked = query.AskedQuestion;
        bool isStream = query.Transport is DnsTransport.Tcp or DnsTransport.Tls or DnsTransport.Https;
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
                line.Append(isStream ? "tcp"u8 : "udp"u8);
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
                line.Append(isStream ? DnsQuery.MaxMessageSize : Math.Max(DnsQuery.MinUdpSize, (int)query.Edns.UdpPayloadSize));
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

    private static void WriteName(ref LogLine line, DnsNameView name)
    {
        Span<byte> lower = stackalloc byte[DnsNameView.MaxLength];
        name.CopyLowerTo(lower);
        line.Advance(DnsNameText.Format(new DnsNameView(lower[..name.Length]), line.Free));
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
        NeedsReply |= field is LogField.ResponseSize or LogField.ResponseFlags;
    }

    private readonly record struct Part(LogField Field, byte[] Literal, MetadataLabel? Label = null);
}
