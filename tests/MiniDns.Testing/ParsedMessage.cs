using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>A message taken apart to the last octet; making one fails when the message is malformed.</summary>
public sealed class ParsedMessage
{
    private readonly byte[] _octets;

    /// <summary>Takes a message apart.</summary>
    /// <exception cref="FormatException">It is malformed, has octets left over, or has two OPT records.</exception>
    public ParsedMessage(ReadOnlySpan<byte> message)
    {
        _octets = message.ToArray();
        Check(DnsHeader.TryRead(_octets, out DnsHeader header), "header");
        Header = header;
        var reader = new DnsReader(_octets);
        for (int i = 0; i < header.QuestionCount; i++)
        {
            Check(reader.TryReadQuestion(out DnsQuestionView question), "question");
            Question = _octets[DnsHeader.Size..question.End];
        }

        int count = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        for (int i = 0; i < count; i++)
        {
            Check(reader.TryReadRecord(out DnsRecordView record), "record");
            DnsSection section = i < header.AnswerCount ? DnsSection.Answer
                : i < header.AnswerCount + header.AuthorityCount ? DnsSection.Authority : DnsSection.Additional;
            if (record.Type == DnsRecordType.OPT)
            {
                Check(section == DnsSection.Additional && !Edns.IsPresent, "OPT out of place");
                Check(EdnsView.TryRead(_octets, record, out EdnsView edns), "OPT");
                Edns = edns;
                continue;
            }

            byte[] owner = new byte[DnsNameView.MaxLength];
            var names = new DnsReader(_octets, record.OwnerOffset);
            Check(names.TryReadName(owner, out int ownerLength), "owner");
            byte[] rdata = new byte[RdataWire.MaxLength];
            Check(RdataWire.TryExpand(_octets, record, rdata, out int length), "rdata");
            Records.Add(new Record(section, new DnsNameView(owner.AsSpan(0, ownerLength)).ToString(), record.Type, record.Class, record.Ttl, Convert.ToHexString(rdata.AsSpan(0, length))));
        }

        Check(reader.Position == _octets.Length, "octets left over");
    }

    /// <summary>The header.</summary>
    public DnsHeader Header { get; }

    /// <summary>The question's octets as sent; empty when there is none.</summary>
    public byte[] Question { get; } = [];

    /// <summary>What OPT says.</summary>
    public EdnsView Edns { get; }

    /// <summary>The records, OPT left out.</summary>
    public List<Record> Records { get; } = [];

    /// <summary>The response code, EDNS bits included.</summary>
    public DnsResponseCode Code => (DnsResponseCode)((int)Header.ResponseCode | (Edns.ExtendedResponseCode << 4));

    /// <summary>The records of one section.</summary>
    public IReadOnlyList<Record> In(DnsSection section) => [.. Records.Where(r => r.Section == section)];

    /// <summary>The octets of OPT's options.</summary>
    public byte[] Options => _octets[Edns.OptionsOffset..(Edns.OptionsOffset + Edns.OptionsLength)];

    private static void Check(bool good, string what)
    {
        if (!good)
        {
            throw new FormatException("the message is malformed: " + what);
        }
    }

    /// <summary>A record with its names expanded.</summary>
    /// <param name="Section">Where it stands.</param>
    /// <param name="Owner">The owner, case as sent.</param>
    /// <param name="Type">The type.</param>
    /// <param name="Class">The class.</param>
    /// <param name="Ttl">The time to live in seconds.</param>
    /// <param name="Rdata">The rdata in hexadecimal digits.</param>
    public sealed record Record(DnsSection Section, string Owner, DnsRecordType Type, DnsRecordClass Class, uint Ttl, string Rdata);
}
