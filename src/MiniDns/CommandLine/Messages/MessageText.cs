using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.CommandLine.Messages;

/// <summary>A response taken apart, for printing.</summary>
internal sealed class MessageText
{
    private readonly List<MessageRecord>[] _sections = [[], [], []];

    private MessageText(DnsHeader header) => Header = header;

    /// <summary>The header.</summary>
    public DnsHeader Header { get; }

    /// <summary>The response code, the bits from EDNS included.</summary>
    public DnsResponseCode Code => (DnsResponseCode)((int)Header.ResponseCode | (Edns.ExtendedResponseCode << 4));

    /// <summary>The questions: name, class, type.</summary>
    public List<(string Name, string Class, string Type)> Questions { get; } = [];

    /// <summary>The answer section.</summary>
    public IReadOnlyList<MessageRecord> Answers => _sections[0];

    /// <summary>The authority section.</summary>
    public IReadOnlyList<MessageRecord> Authorities => _sections[1];

    /// <summary>The additional section, without OPT.</summary>
    public IReadOnlyList<MessageRecord> Additionals => _sections[2];

    /// <summary>What the OPT record says.</summary>
    public EdnsView Edns { get; private set; }

    /// <summary>The options of the OPT record: name and value.</summary>
    public List<(string Name, string Value)> Options { get; } = [];

    /// <summary>True when the message ends in the middle of something, or holds what cannot be.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The flags that are set, in dig's order and words.</summary>
    public IEnumerable<string> Flags
    {
        get
        {
            (ushort Bit, string Name)[] names =
            [
                (DnsHeader.ResponseFlag, "qr"), (DnsHeader.AuthoritativeFlag, "aa"), (DnsHeader.TruncatedFlag, "tc"), (DnsHeader.RecursionDesiredFlag, "rd"),
                (DnsHeader.RecursionAvailableFlag, "ra"), (DnsHeader.AuthenticDataFlag, "ad"), (DnsHeader.CheckingDisabledFlag, "cd"),
            ];
            return names.Where(n => (Header.Flags & n.Bit) != 0).Select(n => n.Name);
        }
    }

    /// <summary>Takes a message apart, as far as it can be read.</summary>
    /// <returns>Null when there is not even a header.</returns>
    public static MessageText? Read(ReadOnlySpan<byte> message)
    {
        if (!DnsHeader.TryRead(message, out DnsHeader header))
        {
            return null;
        }

        var text = new MessageText(header);
        text.IsMalformed = !text.TryRead(message);
        return text;
    }

    private static string Words(Enum value)
    {
        // NotReady becomes Not Ready.
        var text = new StringBuilder();
        foreach (char c in value.ToString())
        {
            text.Append(char.IsUpper(c) && text.Length > 0 ? " " : "").Append(c);
        }

        return text.ToString();
    }

    private bool TryRead(ReadOnlySpan<byte> message)
    {
        var reader = new DnsReader(message);
        for (int i = 0; i < Header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out DnsQuestionView question) || !TryName(message, question.NameOffset, out string name))
            {
                return false;
            }

            Questions.Add((name, DnsClassText.Format(question.Class), DnsTypeText.Format(question.Type)));
        }

        int[] counts = [Header.AnswerCount, Header.AuthorityCount, Header.AdditionalCount];
        byte[] rdata = new byte[RdataWire.MaxLength];
        for (int section = 0; section < counts.Length; section++)
        {
            for (int i = 0; i < counts[section]; i++)
            {
                if (!reader.TryReadRecord(out DnsRecordView record))
                {
                    return false;
                }

                if (record.Type == DnsRecordType.OPT)
                {
                    if (!EdnsView.TryRead(message, record, out EdnsView edns))
                    {
                        return false;
                    }

                    Edns = edns;
                    ReadOptions(message);
                    continue;
                }

                if (!TryName(message, record.OwnerOffset, out string owner) || !RdataWire.TryExpand(message, record, rdata, out int length))
                {
                    return false;
                }

                _sections[section].Add(new MessageRecord(owner, record.Ttl, DnsClassText.Format(record.Class), DnsTypeText.Format(record.Type), RdataText.Format(record.Type, rdata.AsSpan(0, length))));
            }
        }

        return reader.Position == message.Length;
    }

    private static bool TryName(ReadOnlySpan<byte> message, int offset, out string text)
    {
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength];
        var reader = new DnsReader(message, offset);
        bool isName = reader.TryReadName(name, out int length);
        text = isName ? new DnsNameView(name[..length]).ToString() : "";
        return isName;
    }

    private void ReadOptions(ReadOnlySpan<byte> message)
    {
        foreach (EdnsOption option in Edns.Options(message))
        {
            string hex = Convert.ToHexStringLower(option.Data);
            Options.Add(option.Code switch
            {
                EdnsOptionCode.NameServerId => ("NSID", $"{hex} (\"{Printable(option.Data)}\")"),
                EdnsOptionCode.Cookie => ("COOKIE", hex),
                EdnsOptionCode.ExtendedError when option.Data.Length >= 2 => ("EDE", Error(option.Data)),
                _ => ($"OPT={(int)option.Code}", hex),
            });
        }
    }

    private static string Error(ReadOnlySpan<byte> data)
    {
        var code = (EdnsErrorCode)((data[0] << 8) | data[1]);
        string name = Enum.IsDefined(code) ? $" ({Words(code)})" : "";
        string more = data.Length > 2 ? $": ({Printable(data[2..])})" : "";
        return $"{(int)code}{name}{more}";
    }

    private static string Printable(ReadOnlySpan<byte> octets) =>
        string.Concat(Encoding.UTF8.GetString(octets).Select(c => char.IsControl(c) ? '.' : c));
}
