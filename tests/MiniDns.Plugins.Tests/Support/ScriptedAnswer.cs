using System.Globalization;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>The forms in which a handler can give the same answer.</summary>
public enum AnswerForm
{
    /// <summary>RRsets by reference.</summary>
    RRsets,

    /// <summary>Single records in the response's memory.</summary>
    Records,

    /// <summary>A message copied into the response.</summary>
    Wire,

    /// <summary>A shared image of a message.</summary>
    Image,
}

/// <summary>A handler that gives records written as in a zone file, <c>www.example.org. 300 IN A 192.0.2.1</c>.</summary>
internal sealed class ScriptedAnswer : IDnsHandler
{
    private readonly List<(DnsSection Section, RRset Records)> _sets = [];

    public AnswerForm Form { get; set; }

    public DnsResponseCode Code { get; set; }

    public DnsResponseFlags Flags { get; set; }

    public IReadOnlyList<RRset> Sets => [.. _sets.Select(s => s.Records)];

    /// <summary>Kept for the form of images, made by <see cref="Prepare"/>.</summary>
    public WireImage? Image { get; private set; }

    private byte[] Message { get; set; } = [];

    public ScriptedAnswer Answer(params string[] lines) => Add(DnsSection.Answer, lines);

    public ScriptedAnswer Authority(params string[] lines) => Add(DnsSection.Authority, lines);

    public ScriptedAnswer Additional(params string[] lines) => Add(DnsSection.Additional, lines);

    /// <summary>Makes the octets for the wire forms.</summary>
    public ScriptedAnswer Prepare(string name, DnsRecordType type)
    {
        DnsQuery query = new(512, 65535);
        query.Begin(query.WriteQuestion(DnsName.Parse(name).View, type, DnsRecordClass.IN, 0x0100, false), DnsTransport.Tcp);
        Fill(query.Response, AnswerForm.Records);
        Message = query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query)).ToArray();
        Assert.True(WireImage.TryCreate(Message, out WireImage? image));
        Image = image;
        return this;
    }

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        switch (Form)
        {
            case AnswerForm.Wire:
                Assert.True(query.Response.SetWire(Message));
                break;
            case AnswerForm.Image:
                query.Response.UseImage(Image!, TtlMode.Subtract, 1);
                break;
            default:
                Fill(query.Response, Form);
                break;
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private void Fill(DnsResponse response, AnswerForm form)
    {
        response.Code = Code;
        response.Flags = Flags;
        foreach ((DnsSection section, RRset set) in _sets)
        {
            if (form == AnswerForm.RRsets)
            {
                response.Add(section, set);
                continue;
            }

            foreach (ReadOnlySpan<byte> rdata in set)
            {
                response.AddSynthesized(section, set.Owner.View, set.Type, set.Class, set.Ttl, rdata);
            }
        }
    }

    private ScriptedAnswer Add(DnsSection section, string[] lines)
    {
        List<(string Owner, uint Ttl, DnsRecordType Type, byte[] Rdata)> records = [];
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', 5);
            Assert.True(DnsTypeText.TryParse(words[3], out DnsRecordType type));
            records.Add((words[0], uint.Parse(words[1], CultureInfo.InvariantCulture), type, RdataText.Parse(type, words[4])));
        }

        for (int i = 0; i < records.Count;)
        {
            int end = i + 1;
            while (end < records.Count && records[end].Owner == records[i].Owner && records[end].Type == records[i].Type)
            {
                end++;
            }

            ReadOnlyMemory<byte>[] rdatas = [.. records[i..end].Select(r => new ReadOnlyMemory<byte>(r.Rdata))];
            _sets.Add((section, new RRset(DnsName.Parse(records[i].Owner), records[i].Type, DnsRecordClass.IN, records[i].Ttl, rdatas)));
            i = end;
        }

        return this;
    }
}
