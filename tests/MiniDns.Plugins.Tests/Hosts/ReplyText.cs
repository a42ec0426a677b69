using System.Net;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Hosts;

/// <summary>A reply as one line of text: code, flags, then each record of the answer, and of the authority section behind <c>//</c>.</summary>
internal static class ReplyText
{
    /// <summary>Asks and describes what came back; <c>unclaimed</c> and <c>dropped</c> when nothing did.</summary>
    public static string Say(this ChainHarness harness, string name, DnsRecordType type, DnsRecordClass @class = DnsRecordClass.IN)
    {
        ReadOnlyMemory<byte> reply = harness.Ask(name, type, @class: @class);
        return harness.Outcome switch
        {
            DnsOutcome.Unclaimed => "unclaimed",
            DnsOutcome.Dropped => "dropped",
            _ => Of(reply.Span),
        };
    }

    /// <summary>Describes a reply.</summary>
    public static string Of(ReadOnlySpan<byte> message)
    {
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        var text = new StringBuilder(header.ResponseCode.ToString());
        text.Append(header.IsAuthoritative ? " aa" : "").Append(header.IsTruncated ? " tc" : "").Append(header.AuthenticData ? " ad" : "");
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadQuestion(out _));
        for (int i = 0; i < header.AnswerCount + header.AuthorityCount; i++)
        {
            Assert.True(reader.TryReadRecord(out DnsRecordView record));
            text.Append(i == header.AnswerCount ? " // " : " | ");
            text.Append(NameAt(message, record.OwnerOffset)).Append(' ').Append(record.Ttl).Append(' ').Append(record.Type);
            byte[] rdata = new byte[65535];
            Assert.True(RdataWire.TryExpand(message, record, rdata, out int length));
            text.Append(' ').Append(record.Type switch
            {
                DnsRecordType.A or DnsRecordType.AAAA => new IPAddress(rdata.AsSpan(0, length)).ToString(),
                DnsRecordType.PTR or DnsRecordType.CNAME => new DnsNameView(rdata.AsSpan(0, length)).ToString(),
                _ => $"({length})",
            });
        }

        return text.ToString();
    }

    private static string NameAt(ReadOnlySpan<byte> message, int offset)
    {
        byte[] name = new byte[255];
        var reader = new DnsReader(message, offset);
        Assert.True(reader.TryReadName(name, out int length));
        return new DnsNameView(name.AsSpan(0, length)).ToString();
    }
}
