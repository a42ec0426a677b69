using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

/// <summary>A send buffer that is smaller than what a client takes grows when a reply needs it, and never past what the client takes.</summary>
public class SendBufferTests
{
    [Theory]
    [InlineData(1300, 1000, true, false)]
    [InlineData(1300, 1270, true, false)]
    [InlineData(1300, 1400, true, true)]
    [InlineData(1300, 3000, true, true)]
    [InlineData(4096, 3000, true, false)]
    [InlineData(4096, 4000, false, false)]
    [InlineData(1300, 1270, false, false)]
    [InlineData(1300, 3000, false, true)]
    public void Replies_fit(int limit, int octets, bool asWire, bool isCut)
    {
        var query = new DnsQuery(512, 4096, pinned: true, firstSendSize: 600);
        int length = query.WriteQuestion(DnsName.Parse("www.example.").View, DnsRecordType.TXT, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: true);
        query.ReceiveBuffer[length - 8] = (byte)(limit >> 8);
        query.ReceiveBuffer[length - 7] = (byte)limit;
        Assert.Equal(QueryVerdict.Accept, query.Begin(length, DnsTransport.Udp));
        Assert.Equal(600, query.SendBuffer.Length);
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.NULL, DnsRecordClass.IN, 60, new byte[octets - 100]);
        if (asWire)
        {
            byte[] message = new byte[8192];
            Assert.True(ResponseEncoder.TryEncodeForKeeping(query, message, out int written));
            Assert.True(query.Response.SetWire(message.AsSpan(0, written)));
        }

        int sent = ResponseEncoder.Encode(query);
        Assert.InRange(sent, DnsHeader.Size, limit);
        Assert.True(DnsHeader.TryRead(query.SendBuffer.AsSpan(0, sent), out DnsHeader header));
        Assert.Equal((isCut, isCut ? 0 : 1), (header.IsTruncated, header.AnswerCount));
    }

    [Fact]
    public void A_query_is_given_up_unless_what_it_waits_for_says_otherwise()
    {
        var query = new DnsQuery(512, 512);
        int length = query.WriteQuestion(DnsName.Parse("www.example.").View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: false);
        query.Begin(length, DnsTransport.Udp);
        query.Wait = new Wait(letsGo: false);
        Assert.False(query.TryAbandon());
        Assert.False(query.IsAbandoned);
        query.Wait = new Wait(letsGo: true);
        Assert.True(query.TryAbandon());
        Assert.True(query.IsAbandoned);
        query.Begin(length, DnsTransport.Udp);
        Assert.False(query.IsAbandoned);
        Assert.Null(query.Wait);
    }

    private sealed class Wait(bool letsGo) : IQueryWait
    {
        public bool TryLetGo(DnsQuery query) => letsGo;
    }
}
