using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones.Tests.Support;

/// <summary>Takes an answer as text: one line an RRset, <c>owner TYPE</c> with a <c>+</c> when signatures follow; and each record in full.</summary>
internal struct AnswerText : IAnswerSink
{
    private readonly List<string>[] _sections = [[], [], []];
    private readonly List<string>[] _records = [[], [], []];

    public AnswerText()
    {
    }

    /// <summary>The RRsets of each section, <c>answer | authority | additional</c>.</summary>
    public readonly string Sets => string.Join(" | ", _sections.Select(s => string.Join(", ", s)));

    public readonly IReadOnlyList<string> Records(DnsSection section) => _records[(int)section];

    public readonly void Add(DnsSection section, in RRsetView records) => Add(section, records, records.Owner, records.Ttl);

    public readonly void Add(DnsSection section, in RRsetView records, uint ttl) => Add(section, records, records.Owner, ttl);

    public readonly void Add(DnsSection section, in RRsetView records, DnsNameView owner) => Add(section, records, owner, records.Ttl);

    public readonly void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target)
    {
        _sections[(int)DnsSection.Answer].Add($"{owner.ToString()} CNAME");
        _records[(int)DnsSection.Answer].Add(Line(owner, ttl, DnsRecordType.CNAME, target.Wire));
    }

    private static string Line(DnsNameView owner, uint ttl, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        byte[] text = new byte[200_000];
        Assert.True(ZoneFileWriter.TryFormat(owner, ttl, DnsRecordClass.IN, type, rdata, text, out int written));
        return System.Text.Encoding.ASCII.GetString(text, 0, written).Replace('\t', ' ');
    }

    private readonly void Add(DnsSection section, in RRsetView records, DnsNameView owner, uint ttl)
    {
        List<string> sets = _sections[(int)section];
        DnsRecordType type = records.Type;
        bool isSignature = type == DnsRecordType.RRSIG;
        if (isSignature)
        {
            var covered = (DnsRecordType)System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(records.First);
            string expected = $"{owner.ToString()} {DnsTypeText.Format(covered)}";
            if (sets.Count > 0 && sets[^1] == expected)
            {
                sets[^1] += "+";
            }
            else
            {
                sets.Add($"{owner.ToString()} RRSIG({DnsTypeText.Format(covered)})");
            }
        }
        else
        {
            sets.Add($"{owner.ToString()} {DnsTypeText.Format(type)}");
        }

        int count = 0;
        foreach (ReadOnlySpan<byte> rdata in records)
        {
            _records[(int)section].Add(Line(owner, ttl, type, rdata));
            count++;
        }

        Assert.Equal(records.Count, count);
    }
}
