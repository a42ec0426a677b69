using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

public class EncoderAllocationTests
{
    private readonly DnsQuery _query = new(2048, 4096);

    [Fact]
    public void REFUSED_allocates_nothing() => AssertNone(new QueryMessage().Question("www.example.org.").Opt(), q => q.Refuse());

    [Fact]
    public void FORMERR_with_a_question_allocates_nothing() => AssertNone(new QueryMessage().Question("www.example.org.").Opt().Opt(), q => q.Reply(DnsResponseCode.FormatError));

    [Fact]
    public void FORMERR_without_a_question_allocates_nothing() => AssertNone(new QueryMessage(), q => q.Reply(DnsResponseCode.FormatError));

    [Fact]
    public void NOTIMP_allocates_nothing() => AssertNone(new QueryMessage { Flags = 0x2800 }.Question("a."), q => q.Reply(DnsResponseCode.NotImplemented));

    [Fact]
    public void BADVERS_allocates_nothing() => AssertNone(new QueryMessage().Question("www.example.org.").Opt(version: 3), q => q.Reply(DnsResponseCode.BadVersion));

    [Fact]
    public void A_truncated_answer_of_records_allocates_nothing()
    {
        var set = new RRset(DnsName.Parse("www.example.org."), DnsRecordType.A, DnsRecordClass.IN, 60, [.. Enumerable.Range(0, 60).Select(i => (ReadOnlyMemory<byte>)new byte[] { 192, 0, 2, (byte)i })]);
        AssertNone(new QueryMessage().Question("www.example.org."), q =>
        {
            q.Response.Add(DnsSection.Answer, set);
            q.Response.AddSynthesized(DnsSection.Additional, q.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 1, "\x01x"u8);
        });
    }

    [Fact]
    public void An_image_allocates_nothing_whole_or_cut()
    {
        foreach (int records in (int[])[3, 100])
        {
            new QueryMessage().Question("www.example.org.").Begin(_query, DnsTransport.Tcp);
            for (int i = 0; i < records; i++)
            {
                _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 60, [192, 0, 2, (byte)i]);
            }

            int length = ResponseEncoder.Encode(_query);
            Assert.True(WireImage.TryCreate(_query.SendBuffer.AsSpan(0, length), out WireImage? image));
            AssertNone(new QueryMessage().Question("WWW.example.org.").Opt(512), q => q.Response.UseImage(image, TtlMode.Subtract, 5));
        }
    }

    [Fact]
    public void An_upstreams_message_allocates_nothing()
    {
        byte[] message = new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Record("www.example.org.", DnsRecordType.A, [192, 0, 2, 1], 1).Opt().Build();
        AssertNone(new QueryMessage().Question("www.example.org.").Opt(), q => q.Response.SetWire(message));
    }

    private void AssertNone(QueryMessage message, Action<DnsQuery> answer)
    {
        byte[] octets = message.Build();
        AllocationAssert.None(() =>
        {
            QueryMessage.Begin(_query, octets);
            answer(_query);
            int length = _query.QuestionEnd > DnsHeader.Size ? ResponseEncoder.Encode(_query) : ResponseEncoder.EncodeHeader(_query, _query.Response.Code);
            if (length < DnsHeader.Size)
            {
                throw new InvalidOperationException("no reply");
            }
        });
    }
}
