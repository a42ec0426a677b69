using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Ratelimit;

public sealed class RatelimitHandlerTests
{
    [Theory]
    [InlineData("ratelimit 4", "RRRR-T-T-T")]
    [InlineData("ratelimit 4 {\nslip 1\n}", "RRRRTTTTTT")]
    [InlineData("ratelimit 4 {\nslip 0\n}", "RRRR------")]
    [InlineData("ratelimit 4 {\nslip 3\n}", "RRRR--T--T")]
    [InlineData("ratelimit 0", "RRRRRRRRRR")]
    [InlineData("ratelimit 0 {\nall 2\n}", "RR-T-T-T-T")]
    [InlineData("ratelimit 0 {\nresponses 1\n}", "R-T-T-T-T-")]
    [InlineData("ratelimit 4 {\nexempt 192.0.2.0/25\n}", "RRRRRRRRRR")]
    [InlineData("ratelimit 4 {\nexempt 192.0.2.128/25 2001:db8::/32\n}", "RRRR-T-T-T")]
    [InlineData("ratelimit 4 {\nlog_only\n}", "RRRRRRRRRR")]
    [InlineData("ratelimit 0 {\nqueries 2 5\n}", "RRRRR-T-T-")]
    public void The_same_answer_passes_as_often_as_its_rate(string directive, string expected) =>
        Assert.Equal(expected, new RatelimitSetting(directive).Ask(10, "192.0.2.1"));

    [Fact]
    public void A_flood_is_answered_again_when_it_is_made_good()
    {
        RatelimitSetting setting = new("ratelimit 4 {\nwindow 2s\nslip 0\n}");
        Assert.Equal("RRRR" + new string('-', 96), setting.Ask(100, "192.0.2.1"));
        setting.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("-", setting.Ask(1, "192.0.2.1"));
        setting.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("RRR-", setting.Ask(4, "192.0.2.1"));
        setting.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("RRRR-", setting.Ask(5, "192.0.2.1"));
    }

    [Fact]
    public void Who_keeps_to_the_rate_always_gets_answers()
    {
        RatelimitSetting setting = new("ratelimit 10");
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal('R', setting.Ask("192.0.2.1"));
            setting.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public void Other_networks_names_and_types_are_counted_on_their_own()
    {
        RatelimitSetting setting = new("ratelimit 2");
        Assert.Equal("RR-T", setting.Ask(4, "192.0.2.1"));
        Assert.Equal("-T", setting.Ask(2, "192.0.2.200"));
        Assert.Equal("RR-", setting.Ask(3, "192.0.3.1"));
        Assert.Equal("RR-", setting.Ask(3, "192.0.2.1", "mail.example.org."));
        Assert.Equal("RR-", setting.Ask(3, "2001:db8::1"));
        Assert.Equal("T", setting.Ask(1, "2001:db8:0:ff::1"));
        Assert.Equal("RR-", setting.Ask(3, "2001:db8:0:100::1"));
    }

    [Fact]
    public void Names_that_do_not_exist_count_under_their_zone()
    {
        foreach (Func<DnsQuery, DnsOutcome> answer in (Func<DnsQuery, DnsOutcome>[])[RatelimitSetting.NameError, RatelimitSetting.NoData, RatelimitSetting.Referral])
        {
            RatelimitSetting setting = new("ratelimit 2 {\nslip 0\n}") { Answer = answer };
            Assert.Equal("RR--", string.Concat(Enumerable.Range(0, 4).Select(i => setting.Ask("192.0.2.1", $"x{i}.example.org."))));
            Assert.Equal('R', setting.Ask("192.0.2.1", "x.example.net."));
        }
    }

    [Theory]
    [InlineData(0, "responses")]
    [InlineData(1, "nodata")]
    [InlineData(2, "nxdomain")]
    [InlineData(3, "referrals")]
    [InlineData(4, "errors")]
    public void Each_class_has_its_own_rate(int answer, string name)
    {
        RatelimitSetting setting = new($"ratelimit 0 {{\n{name} 1\nslip 0\n}}");
        Func<DnsQuery, DnsOutcome>[] answers = [RatelimitSetting.Positive, RatelimitSetting.NoData, RatelimitSetting.NameError, RatelimitSetting.Referral, q => q.Refuse()];
        for (int i = 0; i < answers.Length; i++)
        {
            setting.Answer = answers[i];
            Assert.Equal(i == answer ? "R--" : "RRR", setting.Ask(3, "192.0.2.1"));
        }

        Assert.Equal(2, setting.Limited(name, "drop"));
    }

    [Fact]
    public void Messages_from_upstream_are_classified_like_records()
    {
        foreach (Func<DnsQuery, DnsOutcome> answer in (Func<DnsQuery, DnsOutcome>[])[RatelimitSetting.NameError, RatelimitSetting.NoData, RatelimitSetting.Referral])
        {
            RatelimitSetting setting = new("ratelimit 2 {\nslip 0\n}");
            setting.Answer = query =>
            {
                answer(query);
                byte[] kept = new byte[512];
                Assert.True(ResponseEncoder.TryEncodeForKeeping(query, kept, out int length));
                Assert.True(query.Response.SetWire(kept.AsSpan(0, length)));
                return DnsOutcome.Replied;
            };
            Assert.Equal("RR--", string.Concat(Enumerable.Range(0, 4).Select(i => setting.Ask("192.0.2.1", $"x{i}.example.org."))));
            Assert.Equal('R', setting.Ask("192.0.2.1", "x.example.net."));
        }
    }

    [Fact]
    public void Errors_count_together_and_slip_as_they_are()
    {
        RatelimitSetting setting = new("ratelimit 2") { Answer = q => q.Refuse() };
        Assert.Equal("RR-R-R", string.Concat(Enumerable.Range(0, 6).Select(i => setting.Ask("192.0.2.1", $"x.example{i}."))));
        Assert.Equal(DnsResponseCode.Refused, setting.Query.Response.Code);
        Assert.Equal((2, 2), (setting.Limited("errors", "drop"), setting.Limited("errors", "pass")));
        setting = new("ratelimit 2") { Answer = _ => DnsOutcome.Unclaimed };
        Assert.Equal("RR-R-R", setting.Ask(6, "192.0.2.1"));
    }

    [Fact]
    public void What_slips_is_an_empty_truncated_answer()
    {
        RatelimitSetting setting = new("ratelimit 1 {\nslip 1\n}");
        Assert.Equal("RT", setting.Ask(2, "192.0.2.1"));
        var reply = new ParsedMessage(setting.Query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(setting.Query)));
        Assert.True(reply.Header.IsTruncated);
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.DoesNotContain(reply.Records, r => r.Type != DnsRecordType.OPT);
    }

    [Theory]
    [InlineData(DnsTransport.Tcp)]
    [InlineData(DnsTransport.Tls)]
    [InlineData(DnsTransport.Https)]
    [InlineData(DnsTransport.Internal)]
    public void Responses_over_connections_are_not_limited(DnsTransport transport) =>
        Assert.Equal("RRRRRR", new RatelimitSetting("ratelimit 1").Ask(6, "192.0.2.1", transport: transport));

    [Fact]
    public void A_good_cookie_lifts_the_limits()
    {
        RatelimitSetting setting = new("ratelimit 1 {\nslip 0\n}");
        Assert.Equal("R--", setting.Ask(3, "192.0.2.1", cookie: "2464c4abcf10c957"));
        string cookie = CookieFor(setting);
        Assert.Equal("RRR", setting.Ask(3, "192.0.2.1", cookie: cookie));
        Assert.Equal("-", setting.Ask(1, "192.0.2.2", cookie: cookie));
        Assert.Equal("-", setting.Ask(1, "192.0.2.1"));
        Assert.Equal((1, 3, 3), (Cookies(setting, "bad"), Cookies(setting, "client_only"), Cookies(setting, "good")));
    }

    [Fact]
    public void Rfc7873_5_2_3_cookies_can_be_required_of_clients_that_know_them()
    {
        RatelimitSetting setting = new("ratelimit {\ncookies required\n}");
        Assert.Equal('R', setting.Ask("192.0.2.1", cookie: "2464c4abcf10c957"));
        Assert.Equal(DnsResponseCode.BadCookie, setting.Query.Response.Code);
        string cookie = CookieFor(setting);
        setting.Ask("192.0.2.1", cookie: cookie);
        Assert.Equal(DnsResponseCode.NoError, setting.Query.Response.Code);
        setting.Ask("192.0.2.2", cookie: cookie);
        Assert.Equal(DnsResponseCode.BadCookie, setting.Query.Response.Code);
        setting.Ask("192.0.2.2", cookie: cookie, transport: DnsTransport.Tcp);
        Assert.Equal(DnsResponseCode.NoError, setting.Query.Response.Code);
        setting.Ask("192.0.2.1");
        Assert.Equal(DnsResponseCode.NoError, setting.Query.Response.Code);
    }

    [Fact]
    public void Forged_queries_do_not_use_up_the_share_of_real_ones()
    {
        RatelimitSetting setting = new("ratelimit 0 {\nqueries 3\nslip 0\n}");
        Assert.Equal("RRR-----", setting.Ask(8, "192.0.2.1"));
        Assert.Equal("RRR", setting.Ask(3, "192.0.2.1", transport: DnsTransport.Tcp));
        Assert.Equal("R", setting.Ask(1, "192.0.2.1", transport: DnsTransport.Tcp));
        Assert.Equal(DnsResponseCode.Refused, setting.Query.Response.Code);
        Assert.Equal(1, setting.Limited("queries", "refuse"));
        setting.Time.Advance(TimeSpan.FromMilliseconds(334));
        setting.Ask("192.0.2.1", transport: DnsTransport.Tcp);
        Assert.Equal(DnsResponseCode.NoError, setting.Query.Response.Code);
        Assert.Equal("R-", setting.Ask(2, "192.0.2.1"));
    }

    [Fact]
    public void It_is_logged_who_was_limited()
    {
        RatelimitSetting setting = new("ratelimit 1");
        setting.Ask(8, "192.0.2.1");
        setting.Ask(3, "2001:db8:1:2::1");
        setting.Time.Advance(TimeSpan.FromMinutes(1));
        string log = string.Join('\n', setting.Services.Log.Lines);
        Assert.Contains("192.0.2.0/24 was limited 7 times in 60 seconds", log, StringComparison.Ordinal);
        Assert.Contains("2001:db8:1::/56 was limited 2 times in 60 seconds", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ratelimit 50 {\nqueries 1000000\nall 1000000\nexempt 10.0.0.0/8\n}", "")]
    [InlineData("ratelimit 1000000 {\nqueries 1000000\n}", "2464c4abcf10c957")]
    [InlineData("ratelimit 1", "")]
    public void A_query_allocates_nothing(string directive, string cookie)
    {
        RatelimitSetting setting = new(directive);
        setting.Ask("192.0.2.1", cookie: cookie);
        int length = setting.Query.WireLength;
        ClientAddress client = setting.Query.Client;
        AllocationAssert.None(() =>
        {
            setting.Query.Begin(length, DnsTransport.Udp);
            setting.Ask(client);
        });
    }

    [Fact]
    public void A_flood_from_a_million_addresses_costs_normal_clients_nothing()
    {
        RatelimitSetting setting = new("ratelimit 5 {\nall 50\nqueries 50\nslip 0\n}");
        int answered = 0;
        int asked = 0;
        var random = new Random(8);
        setting.Ask("198.51.100.1");
        int length = setting.Query.WireLength;
        Span<byte> octets = stackalloc byte[4];
        for (int i = 0; i < 1_000_000; i++)
        {
            // Forged addresses, and a tenth of them from one network that is beyond its limits.
            setting.Query.Begin(length, DnsTransport.Udp);
            random.NextBytes(octets);
            octets[0] = (byte)(i % 10 == 0 ? 203 : 11 + (octets[0] % 100));
            if (octets[0] == 203)
            {
                octets[1] = 0;
                octets[2] = 113;
            }

            setting.Ask(new ClientAddress(octets, 53));
            if (i % 1000 == 0)
            {
                setting.Time.Advance(TimeSpan.FromMilliseconds(1));
            }

            // Forty normal clients, each with twenty-five questions in the flood's second.
            if (i % 1000 == 500)
            {
                asked++;
                answered += setting.Ask($"198.51.{i / 1000 % 40}.7", $"n{i / 1000 % 25}.example.org.") == 'R' ? 1 : 0;
                setting.Ask("198.51.200.1");
            }
        }

        Assert.Equal(1000, asked);
        Assert.Equal(asked, answered);
        Assert.InRange(setting.Limited("queries", "drop"), 90_000, 1_000_000);
    }

    private static double Cookies(RatelimitSetting setting, string verdict) =>
        setting.Services.Metrics.Snapshot().Single(m => m.Name == "minidns_ratelimit_cookies_total" && m.Labels.Any(l => l.Value == verdict)).Read();

    /// <summary>The cookie that the last query is answered with.</summary>
    private static string CookieFor(RatelimitSetting setting)
    {
        byte[] option = new byte[CookieJar.OptionLength];
        setting.Setup.Services.Cookies.WriteOption(setting.Query, option);
        return Convert.ToHexString(option.AsSpan(4));
    }
}
