using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>A reply taken apart for looking at; reading fails when the message is malformed.</summary>
internal sealed class Reply
{
    private readonly byte[] _message;

    public Reply(ReadOnlyMemory<byte> message)
    {
        _message = message.ToArray();
        Assert.True(DnsHeader.TryRead(_message, out DnsHeader header));
        Header = header;
        DnsReader reader = new(_message);
        Assert.True(reader.TryReadQuestion(out _));
        int count = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
        List<string>[] sections = [[], [], []];
        for (int i = 0; i < count; i++)
        {
            Assert.True(reader.TryReadRecord(out DnsRecordView record));
            if (record.Type == DnsRecordType.OPT)
            {
                Assert.True(EdnsView.TryRead(_message, record, out EdnsView edns));
                Edns = edns;
                continue;
            }

            sections[i < header.AnswerCount ? 0 : i < header.AnswerCount + header.AuthorityCount ? 1 : 2].Add(Format(record));
        }

        Assert.Equal(_message.Length, reader.Position);
        (Answer, Authority, Additional) = (sections[0], sections[1], sections[2]);
    }

    public DnsHeader Header { get; }

    public DnsResponseCode Code => Header.ResponseCode;

    public EdnsView Edns { get; }

    public List<string> Answer { get; }

    public List<string> Authority { get; }

    public List<string> Additional { get; }

    /// <summary>An EDNS option's data; null when there is no such option.</summary>
    public byte[]? Option(EdnsOptionCode code) => Edns.TryGetOption(_message, code, out ReadOnlySpan<byte> data) ? data.ToArray() : null;

    private string Format(in DnsRecordView record)
    {
        byte[] rdata = new byte[record.RdataLength + 1024];
        Assert.True(RdataWire.TryExpand(_message, record, rdata, out int length));
        string text = record.Type switch
        {
            DnsRecordType.A or DnsRecordType.AAAA => new IPAddress(rdata.AsSpan(0, length)).ToString(),
            DnsRecordType.NS or DnsRecordType.PTR or DnsRecordType.CNAME => Name(rdata, out _),
            DnsRecordType.TXT => '"' + System.Text.Encoding.UTF8.GetString(rdata, 1, rdata[0]) + '"',
            DnsRecordType.SRV => Srv(rdata),
            DnsRecordType.SOA => Soa(rdata),
            _ => Convert.ToHexString(rdata.AsSpan(0, length)),
        };
        byte[] owner = new byte[DnsNameView.MaxLength];
        DnsReader reader = new(_message, record.OwnerOffset);
        Assert.True(reader.TryReadName(owner, out int ownerLength));
        return string.Create(CultureInfo.InvariantCulture, $"{new DnsNameView(owner.AsSpan(0, ownerLength)).ToString()} {record.Ttl} {record.Class} {record.Type} {text}");
    }

    private static string Name(ReadOnlySpan<byte> rdata, out int length)
    {
        Assert.True(DnsNameView.TryRead(rdata, out DnsNameView name));
        length = name.Length;
        return name.ToString();
    }

    private static string Srv(ReadOnlySpan<byte> rdata)
    {
        ushort priority = BinaryPrimitives.ReadUInt16BigEndian(rdata);
        ushort weight = BinaryPrimitives.ReadUInt16BigEndian(rdata[2..]);
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(rdata[4..]);
        return $"{priority} {weight} {port} {Name(rdata[6..], out _)}";
    }

    private static string Soa(ReadOnlySpan<byte> rdata)
    {
        string text = Name(rdata, out int primary);
        text += " " + Name(rdata[primary..], out int mailbox);
        for (int i = 0; i < 5; i++)
        {
            text += " " + BinaryPrimitives.ReadUInt32BigEndian(rdata[(primary + mailbox + (4 * i))..]).ToString(CultureInfo.InvariantCulture);
        }

        return text;
    }
}
