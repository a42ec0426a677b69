using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

/// <summary>RFC 9018's examples, and what RFC 7873 asks of a server.</summary>
public sealed class CookieJarTests
{
    private const string Secret = "e5e973e5a6b2a43f48e7dc849e37bfcf";

    [Theory]
    [InlineData(Secret, "198.51.100.100", 1559731985, "2464c4abcf10c957", "2464c4abcf10c957010000005cf79f111f8130c3eee29480")]
    [InlineData(Secret, "198.51.100.100", 1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "2464c4abcf10c957010000005cf7a871d4a564a1442aca77")]
    [InlineData(Secret, "203.0.113.203", 1559734700, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e")]
    [InlineData("445536bcd2513298075a5d379663c962", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961, "22681ab97d52c298010000005cf7c57926556bd0934c72f8", "22681ab97d52c298010000005cf7c609a6bb79d16625507a")]
    public void Rfc9018_appendix_A_replies(string secret, string client, long now, string asked, string answered)
    {
        CookieJar jar = Jar(now, secret, null);
        var option = new byte[CookieJar.OptionLength];
        jar.WriteOption(Query(asked, client), option);
        Assert.Equal("000A0018" + answered, Convert.ToHexString(option), ignoreCase: true);
    }

    [Theory]
    [InlineData("198.51.100.100", 1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Good)]
    [InlineData("198.51.100.101", 1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Bad)]
    [InlineData("198.51.100.100", 1559734385, "2464c4abcf10c958010000005cf79f111f8130c3eee29480", CookieVerdict.Bad)]
    [InlineData("198.51.100.100", 1559734385, "2464c4abcf10c957020000005cf79f111f8130c3eee29480", CookieVerdict.Bad)]
    [InlineData("198.51.100.100", 1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee294", CookieVerdict.Bad)]
    [InlineData("198.51.100.100", 1559734385, "2464c4abcf10c957", CookieVerdict.ClientOnly)]
    [InlineData("198.51.100.100", 1559734385, "", CookieVerdict.None)]
    [InlineData("198.51.100.100", 1559731985 + 3600, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Good)]
    [InlineData("198.51.100.100", 1559731985 + 3601, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Bad)]
    [InlineData("198.51.100.100", 1559731985 - 300, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Good)]
    [InlineData("198.51.100.100", 1559731985 - 301, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieVerdict.Bad)]
    [InlineData("203.0.113.203", 1559727985 + 60, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", CookieVerdict.Good)]
    public void Rfc9018_4_3_a_cookie_is_checked(string client, long now, string asked, CookieVerdict verdict) =>
        Assert.Equal(verdict, Jar(now, Secret, null).Check(Query(asked, client)));

    [Fact]
    public void Rfc9018_5_a_cookie_of_the_secret_before_is_good()
    {
        CookieJar jar = Jar(1559741961, "445536bcd2513298075a5d379663c962", "dd3bdf9344b678b185a6f5cb60fca715");
        Assert.Equal(CookieVerdict.Good, jar.Check(Query("22681ab97d52c298010000005cf7c57926556bd0934c72f8", "2001:db8:220:1:59de:d0f4:8769:82b8")));
    }

    [Fact]
    public void Cookies_outlive_a_change_of_the_random_secret_and_no_longer()
    {
        var time = new TestTimeProvider();
        var jar = new CookieJar(time);
        time.Advance(TimeSpan.FromSeconds(CookieJar.SecretLifeTime - 10));
        string cookie = Answer(jar, "2464c4abcf10c957", "192.0.2.1");
        time.Advance(TimeSpan.FromMinutes(30));
        string next = Answer(jar, cookie, "192.0.2.1");
        Assert.Equal(CookieVerdict.Good, jar.Check(Query(cookie, "192.0.2.1")));
        Assert.Equal(CookieVerdict.Good, jar.Check(Query(next, "192.0.2.1")));
        time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(CookieVerdict.Bad, jar.Check(Query(cookie, "192.0.2.1")));
        Assert.Equal(CookieVerdict.Bad, new CookieJar(time).Check(Query(next, "192.0.2.1")));
    }

    [Fact]
    public void Any_cookie_is_good_for_its_client_and_no_other() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(ulong Client, uint Address, uint Other)>(), t =>
        {
            var jar = new CookieJar(new TestTimeProvider());
            string cookie = Answer(jar, Convert.ToHexString(BitConverter.GetBytes(t.Client)), new IPAddress(t.Address).ToString());
            CookieVerdict other = jar.Check(Query(cookie, new IPAddress(t.Other).ToString()));
            return jar.Check(Query(cookie, new IPAddress(t.Address).ToString())) == CookieVerdict.Good
                && other == (t.Other == t.Address ? CookieVerdict.Good : CookieVerdict.Bad);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, QueryVerdict.FormatError)]
    [InlineData(7, QueryVerdict.FormatError)]
    [InlineData(8, QueryVerdict.Accept)]
    [InlineData(9, QueryVerdict.FormatError)]
    [InlineData(15, QueryVerdict.FormatError)]
    [InlineData(16, QueryVerdict.Accept)]
    [InlineData(40, QueryVerdict.Accept)]
    [InlineData(41, QueryVerdict.FormatError)]
    public void Rfc7873_5_2_2_a_cookie_of_a_wrong_length_is_a_format_error(int length, QueryVerdict verdict)
    {
        var query = new DnsQuery(512, 512);
        Assert.Equal(verdict, query.Begin(Write(query, new byte[length], withCookie: true), DnsTransport.Udp));
    }

    [Fact]
    public void Every_reply_to_a_query_with_a_cookie_has_one_and_no_other()
    {
        var jar = new CookieJar(new TestTimeProvider());
        DnsQuery query = Query("2464c4abcf10c957", "192.0.2.1");
        query.Refuse();
        query.Cookies = jar;
        var reply = new ParsedMessage(query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query)));
        Assert.Equal(DnsResponseCode.Refused, reply.Code);
        Assert.Equal(CookieJar.OptionLength, reply.Options.Length);
        Assert.Equal("000A00182464C4ABCF10C957", Convert.ToHexString(reply.Options[..12]));
        query = Query("", "192.0.2.1");
        query.Refuse();
        Assert.Empty(new ParsedMessage(query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query))).Options);
    }

    [Fact]
    public void A_full_reply_has_room_for_the_cookie()
    {
        DnsQuery query = Query("2464c4abcf10c957", "192.0.2.1");
        query.Cookies = new CookieJar(new TestTimeProvider());
        for (int i = 0; i < 200; i++)
        {
            query.Response.AddSynthesized(DnsSection.Additional, DnsName.Parse($"host{i}.example.org.").View, DnsRecordType.A, DnsRecordClass.IN, 60, [10, 0, 0, (byte)i]);
        }

        int length = ResponseEncoder.Encode(query);
        Assert.InRange(length, 1000, 4096);
        Assert.Equal(CookieJar.OptionLength, new ParsedMessage(query.SendBuffer.AsSpan(0, length)).Options.Length);
    }

    [Fact]
    public void Cookies_allocate_nothing()
    {
        var jar = new CookieJar(new TestTimeProvider());
        DnsQuery query = Query(Answer(jar, "2464c4abcf10c957", "192.0.2.1"), "192.0.2.1");
        int length = query.WireLength;
        AllocationAssert.None(() =>
        {
            query.Begin(length, DnsTransport.Udp);
            query.Cookies = jar;
            query.Refuse();
            if (jar.Check(query) != CookieVerdict.Good || ResponseEncoder.Encode(query) == 0)
            {
                throw new InvalidOperationException("no good");
            }
        });
    }

    private static CookieJar Jar(long now, string secret, string? other)
    {
        var jar = new CookieJar(new FixedTime(now));
        jar.UseSecrets(Convert.FromHexString(secret), other is null ? null : Convert.FromHexString(other));
        return jar;
    }

    private static string Answer(CookieJar jar, string asked, string client)
    {
        var option = new byte[CookieJar.OptionLength];
        jar.WriteOption(Query(asked, client), option);
        return Convert.ToHexString(option.AsSpan(4));
    }

    private static DnsQuery Query(string cookie, string client)
    {
        var query = new DnsQuery(512, 1232);
        Assert.Equal(QueryVerdict.Accept, query.Begin(Write(query, Convert.FromHexString(cookie), cookie.Length > 0), DnsTransport.Udp));
        query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse(client), 4711));
        return query;
    }

    private static int Write(DnsQuery query, byte[] cookie, bool withCookie)
    {
        int length = query.WriteQuestion(DnsName.Parse("example.com.").View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: true);
        if (!withCookie)
        {
            return length;
        }

        byte[] option = [0, (byte)(4 + cookie.Length), 0, 10, 0, (byte)cookie.Length, .. cookie];
        option.CopyTo(query.ReceiveBuffer, length - 2);
        return length - 2 + option.Length;
    }

    private sealed class FixedTime(long seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(seconds);
    }
}
