using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

public class ResponseEncoderTests
{
    private readonly DnsQuery _query = new(4096, 4096);

    [Theory]
    [InlineData("www.example.org.")]
    [InlineData("WWW.EXAMPLE.ORG.")]
    [InlineData("wWw.ExAmPlE.oRg.")]
    [InlineData(".")]
    public void The_question_is_echoed_octet_for_octet(string name)
    {
        QueryMessage message = new QueryMessage { Id = 0xBEEF }.Question(name, DnsRecordType.TXT);
        message.Begin(_query);
        _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 60, [1, 97]);

        ParsedMessage reply = Encode();

        Assert.Equal(0xBEEF, reply.Header.Id);
        Assert.Equal(message.Build()[DnsHeader.Size..], reply.Question);
        Assert.Equal(name, Assert.Single(reply.Records).Owner);
        Assert.False(reply.Edns.IsPresent);
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x0100)]
    [InlineData(0x0110)]
    [InlineData(0x0130)]
    public void RD_and_CD_are_copied_and_AD_is_not(int flags)
    {
        new QueryMessage { Flags = (ushort)flags }.Question("a.").Begin(_query);
        ParsedMessage reply = Encode();
        Assert.True(reply.Header.IsResponse);
        Assert.Equal((flags & 0x0100) != 0, reply.Header.RecursionDesired);
        Assert.Equal((flags & 0x0010) != 0, reply.Header.CheckingDisabled);
        Assert.False(reply.Header.AuthenticData);
        Assert.False(reply.Header.IsTruncated);
    }

    [Theory]
    [InlineData(DnsResponseFlags.Authoritative, DnsHeader.AuthoritativeFlag)]
    [InlineData(DnsResponseFlags.RecursionAvailable, DnsHeader.RecursionAvailableFlag)]
    [InlineData(DnsResponseFlags.AuthenticData, DnsHeader.AuthenticDataFlag)]
    [InlineData(DnsResponseFlags.Truncated, DnsHeader.TruncatedFlag)]
    [InlineData(DnsResponseFlags.NoSuchName, 0)]
    public void Each_flag_has_its_bit(DnsResponseFlags flag, int bit)
    {
        new QueryMessage { Flags = 0 }.Question("a.").Begin(_query);
        _query.Response.Flags = flag;
        Assert.Equal(DnsHeader.ResponseFlag | bit, Encode().Header.Flags);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Opt_comes_with_opt_and_DO_is_copied(bool dnssecOk)
    {
        new QueryMessage().Question("a.").Opt(4000, dnssecOk: dnssecOk, options: [0xFF, 0xFE, 0, 1, 1]).Begin(_query);
        ParsedMessage reply = Encode();
        Assert.True(reply.Edns.IsPresent);
        Assert.Equal(dnssecOk, reply.Edns.DnssecOk);
        Assert.Equal(0, reply.Edns.Version);
        Assert.Equal(1232, reply.Edns.UdpPayloadSize);
        Assert.Empty(reply.Options);
    }

    [Fact]
    public void Options_are_sent_only_to_clients_that_sent_opt()
    {
        new QueryMessage().Question("a.").Begin(_query);
        Assert.True(_query.Response.AddOption(EdnsOptionCode.NameServerId, "me"u8));
        Assert.False(Encode().Edns.IsPresent);

        new QueryMessage().Question("a.").Opt().Begin(_query);
        Assert.True(_query.Response.AddOption(EdnsOptionCode.NameServerId, "me"u8));
        Assert.True(_query.Response.AddExtendedError(22, "none left"u8));
        Assert.Equal([0, 3, 0, 2, .. "me"u8, 0, 15, 0, 11, 0, 22, .. "none left"u8], Encode().Options);
    }

    [Fact]
    public void Options_that_do_not_fit_the_response_are_refused_whole()
    {
        new QueryMessage().Question("a.").Opt().Begin(_query);
        Assert.True(_query.Response.AddOption(EdnsOptionCode.Padding, new byte[DnsResponse.OptionsLimit - 10]));
        Assert.False(_query.Response.AddOption(EdnsOptionCode.NameServerId, new byte[3]));
        Assert.False(_query.Response.AddExtendedError(1, new byte[1]));
        Assert.True(_query.Response.AddExtendedError(1, []));
        Assert.Equal(DnsResponse.OptionsLimit, _query.Response.Options.Length);
        Encode();
    }

    [Fact]
    public void Options_give_way_to_the_limit_but_opt_does_not()
    {
        string name = DnsQueryBeginTests.LongName(255);
        new QueryMessage().Question(name).Opt(512).Begin(_query);
        Assert.True(_query.Response.AddOption(EdnsOptionCode.Padding, new byte[400]));
        ParsedMessage reply = Encode();
        Assert.True(reply.Edns.IsPresent);
        Assert.Empty(reply.Options);
    }

    [Fact]
    public void BADVERS_is_an_extended_code_in_opt_of_version_0()
    {
        Assert.Equal(QueryVerdict.BadVersion, new QueryMessage().Question("a.").Opt(version: 1).Begin(_query));
        _query.Reply(DnsResponseCode.BadVersion);
        ParsedMessage reply = Encode();
        Assert.Equal(DnsResponseCode.BadVersion, reply.Code);
        Assert.Equal(DnsResponseCode.NoError, reply.Header.ResponseCode);
        Assert.Equal(1, reply.Edns.ExtendedResponseCode);
        Assert.Equal(0, reply.Edns.Version);
    }

    [Fact]
    public void An_extended_code_becomes_SERVFAIL_for_a_client_without_opt()
    {
        new QueryMessage().Question("a.").Begin(_query);
        _query.Reply((DnsResponseCode)23);
        Assert.Equal(DnsResponseCode.ServerFailure, Encode().Code);
    }

    [Fact]
    public void A_message_without_a_readable_question_gets_a_header()
    {
        new QueryMessage { Id = 7, Flags = 0x2910 }.Begin(_query);
        int length = ResponseEncoder.EncodeHeader(_query, DnsResponseCode.NotImplemented);
        var reply = new ParsedMessage(_query.SendBuffer.AsSpan(0, length));
        Assert.Equal(new DnsHeader(7, 0xA904, 0, 0, 0, 0), reply.Header);
    }

    [Fact]
    public void A_limit_below_what_the_question_takes_is_not_believed()
    {
        new QueryMessage().Question(DnsQueryBeginTests.LongName(255)).Opt().Begin(_query);
        foreach (int limit in (int[])[0, 12, 100, 280, -1])
        {
            _query.MaxReplySize = limit;
            Assert.Equal(1, Encode().Header.QuestionCount);
        }
    }

    [Fact]
    public void A_stream_reply_keeps_its_additional_records_when_the_first_buffer_is_too_small()
    {
        var query = new DnsQuery(512, 600);
        new QueryMessage().Question("a.example.", DnsRecordType.NS).Begin(query, DnsTransport.Tcp);
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 60, [250, .. new byte[250]]);
        for (int i = 0; i < 50; i++)
        {
            query.Response.AddSynthesized(DnsSection.Additional, DnsName.Parse($"ns{i}.example.").View, DnsRecordType.A, DnsRecordClass.IN, 60, [192, 0, 2, (byte)i]);
        }

        int length = ResponseEncoder.Encode(query);
        var reply = new ParsedMessage(query.SendBuffer.AsSpan(0, length));
        Assert.Equal(51, reply.Records.Count);
        Assert.False(reply.Header.IsTruncated);
    }

    [Fact]
    public void A_reply_may_fill_65535_octets_and_no_more()
    {
        var query = new DnsQuery(512, 512);
        new QueryMessage().Question("a.", DnsRecordType.TXT).Begin(query, DnsTransport.Tcp);
        // A whole RRset of one record each, so that they are cut one by one: 4 + 3 + 12 octets of header and question.
        byte[] rdata = new byte[1000];
        for (int i = 0; i < 70; i++)
        {
            query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, (DnsRecordType)(60000 + i), DnsRecordClass.IN, 60, rdata);
        }

        int length = ResponseEncoder.Encode(query);
        var reply = new ParsedMessage(query.SendBuffer.AsSpan(0, length));
        Assert.Equal((65535 - 19) / 1012, reply.Records.Count);
        Assert.True(reply.Header.IsTruncated);
    }

    [Fact]
    public void An_rrset_under_another_owner_is_written_under_it()
    {
        var wildcard = new RRset(DnsName.Parse("*.example."), DnsRecordType.A, DnsRecordClass.IN, 300, [new byte[] { 192, 0, 2, 1 }, new byte[] { 192, 0, 2, 2 }]);
        new QueryMessage().Question("x.example.").Begin(_query);
        _query.Response.Add(DnsSection.Answer, wildcard, _query.LowerName);
        _query.Response.Add(DnsSection.Additional, wildcard, 5);
        ParsedMessage reply = Encode();
        Assert.Equal(["x.example.", "x.example.", "*.example.", "*.example."], reply.Records.Select(r => r.Owner));
        Assert.Equal([300u, 300u, 5u, 5u], reply.Records.Select(r => r.Ttl));
    }

    [Fact]
    public void Entries_can_be_changed_and_removed()
    {
        new QueryMessage().Question("x.example.").Begin(_query);
        DnsResponse response = _query.Response;
        for (byte i = 0; i < 12; i++)
        {
            response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, i, [192, 0, 2, i]);
        }

        response.SetTtl(11, 99);
        response.RemoveAt(0);
        response.RemoveAt(4);
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9, 10, 99], Encode().Records.Select(r => (int)r.Ttl));
    }

    [Fact]
    public void The_servers_own_memory_of_a_response_is_bounded()
    {
        new QueryMessage().Question("x.example.").Begin(_query);
        Assert.Throws<InvalidOperationException>(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 0, new byte[30000]);
            }
        });
    }

    private ParsedMessage Encode()
    {
        int length = ResponseEncoder.Encode(_query);
        return new ParsedMessage(_query.SendBuffer.AsSpan(0, length));
    }
}
