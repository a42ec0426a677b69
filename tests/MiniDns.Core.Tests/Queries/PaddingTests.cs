using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

/// <summary>Replies of a length that tells little (RFC 7830, RFC 8467).</summary>
public class PaddingTests
{
    private static readonly byte[] Padding = [0, 12, 0, 3, 0, 0, 0];

    [Theory]
    [InlineData(1, 468)]
    [InlineData(300, 468)]
    [InlineData(412, 468)]
    [InlineData(413, 936)]
    [InlineData(450, 936)]
    [InlineData(4000, 4212)]
    [InlineData(40_000, 40_248)]
    [InlineData(65_000, 65_520)]
    [InlineData(65_480, 65_532)]
    public void A_reply_is_a_multiple_of_468_octets_when_there_is_room(int octets, int length)
    {
        var query = new DnsQuery(2048, 4096);
        new QueryMessage().Question("www.example.").Opt(options: Padding).Begin(query, DnsTransport.Tls);
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.NULL, DnsRecordClass.IN, 60, new byte[octets]);
        int sent = ResponseEncoder.Encode(query);
        Assert.Equal(length, sent);
        var reply = new ParsedMessage(query.SendBuffer.AsSpan(0, sent).ToArray());
        Assert.Single(reply.Records);
        Assert.Equal(octets <= 65_000, TryGetPadding(reply, query.SendBuffer, out byte[] padding));
        Assert.All(padding, b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(DnsTransport.Udp, true)]
    [InlineData(DnsTransport.Tcp, true)]
    [InlineData(DnsTransport.Tls, false)]
    [InlineData(DnsTransport.Https, false)]
    public void What_is_not_encrypted_or_did_not_come_padded_is_not_padded(DnsTransport transport, bool cameSo)
    {
        var query = new DnsQuery(2048, 4096);
        new QueryMessage().Question("www.example.").Opt(options: cameSo ? Padding : []).Begin(query, transport);
        query.Reply(DnsResponseCode.NameError);
        int sent = ResponseEncoder.Encode(query);
        Assert.Equal(12 + 13 + 4 + 11, sent);
    }

    [Fact]
    public void Other_options_stay_and_so_does_a_cookie()
    {
        var query = new DnsQuery(2048, 4096);
        byte[] cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        new QueryMessage().Question("www.example.").Opt(options: [.. cookie, .. Padding]).Begin(query, DnsTransport.Https);
        query.Cookies = new CookieJar(TimeProvider.System);
        query.Reply(DnsResponseCode.NoError);
        query.Response.AddOption(EdnsOptionCode.NameServerId, [1, 2, 3]);
        int sent = ResponseEncoder.Encode(query);
        Assert.Equal(468, sent);
        var reply = new ParsedMessage(query.SendBuffer.AsSpan(0, sent).ToArray());
        Assert.True(TryGetPadding(reply, query.SendBuffer, out _));
        Assert.True(reply.Edns.TryGetOption(query.SendBuffer, EdnsOptionCode.NameServerId, out ReadOnlySpan<byte> id));
        Assert.Equal([1, 2, 3], id.ToArray());
        Assert.True(reply.Edns.TryGetOption(query.SendBuffer, EdnsOptionCode.Cookie, out ReadOnlySpan<byte> answer));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], answer[..8].ToArray());
    }

    private static bool TryGetPadding(ParsedMessage reply, byte[] message, out byte[] padding)
    {
        bool isThere = reply.Edns.TryGetOption(message, EdnsOptionCode.Padding, out ReadOnlySpan<byte> data);
        padding = data.ToArray();
        return isThere;
    }
}
