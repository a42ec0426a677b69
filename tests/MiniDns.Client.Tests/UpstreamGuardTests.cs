using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Client.Tests;

/// <summary>Random case and cookies: what makes an answer over UDP hard to forge.</summary>
public sealed class UpstreamGuardTests
{
    private const string Name = "www.a-rather-long-name.example.org.";
    private static readonly byte[] ServerCookie = [1, 2, 3, 4, 5, 6, 7, 8];

    [Fact]
    public async Task Names_go_out_in_random_case_and_come_back_in_the_askers()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.7");
        using var tester = new ExchangeTester(upstream.Address);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("wWw.A-rather-long-name.EXAMPLE.org.", NameIn((await tester.AskAsync("wWw.A-rather-long-name.EXAMPLE.org.")).Message));
        }

        Assert.Equal(5, upstream.Queries.Select(q => q.AskedName).Distinct().Count());
        Assert.All(upstream.Queries, q => Assert.Equal(Name, q.Name));
        Assert.Empty(tester.Doubts);
    }

    [Fact]
    public async Task Over_TCP_the_case_is_the_askers()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.7");
        using var tester = new ExchangeTester(upstream.Address);
        await tester.AskAsync(Name, UpstreamProtocol.Tcp);
        Assert.Equal(Name, Assert.Single(upstream.Queries).AskedName);
    }

    [Fact]
    public async Task An_owner_that_is_spelled_out_gets_the_askers_case_too()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            byte[] question = q.Message[DnsHeader.Size..q.QuestionEnd];
            byte[] answer = [.. q.Answer(), .. question, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
            answer[7] = 1;
            return q.SendAsync(answer);
        });
        using var tester = new ExchangeTester(upstream.Address);
        ExchangeResult result = await tester.AskAsync(Name);
        int end = DnsHeader.Size + DnsName.Parse(Name).Length + 4;
        Assert.True(DnsNameView.TryRead(result.Message.AsSpan(end), out DnsNameView owner));
        Assert.Equal(Name, owner.ToString());
        Assert.Equal("192.0.2.1", result.Address);
    }

    [Fact]
    public async Task An_answer_in_another_case_is_asked_for_over_TCP_and_found_forged()
    {
        await using var upstream = new FakeUpstream(async q =>
        {
            if (!q.IsTcp && q.Name.StartsWith("forged", StringComparison.Ordinal))
            {
                byte[] forged = q.Answer("192.0.2.66");
                forged[DnsHeader.Size + 1] ^= 0x20;
                await q.SendAsync(forged);
            }

            await q.SendAsync(q.Answer("192.0.2.1"));
        });
        using var tester = new ExchangeTester(upstream.Address);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("192.0.2.1", (await tester.AskAsync("forged." + Name)).Address);
            Assert.Equal("192.0.2.1", (await tester.AskAsync(Name)).Address);
        }

        Assert.Equal(4, tester.Doubts.Count);
        Assert.Empty(tester.GivenUp);
        Assert.All(upstream.Queries.Where(q => !q.IsTcp), q => Assert.NotEqual(q.Name, q.AskedName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upstream_that_does_not_keep_the_case_is_asked_in_the_askers(bool tcp)
    {
        await using var upstream = new FakeUpstream(
            q =>
            {
                byte[] answer = q.Answer("192.0.2.1");
                new DnsNameView(q.Message.AsSpan(DnsHeader.Size, q.QuestionEnd - DnsHeader.Size - 4)).CopyLowerTo(answer.AsSpan(DnsHeader.Size));
                return q.SendAsync(answer);
            },
            tcp: tcp);
        using var tester = new ExchangeTester(upstream.Address);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("192.0.2.1", (await tester.AskAsync(Name)).Address);
        }

        Assert.Equal([AnswerDoubt.Case], tester.Doubts);
        Assert.Equal([AnswerDoubt.Case], tester.GivenUp);
        Assert.All(upstream.Queries.Where(q => !q.IsTcp).Skip(1), q => Assert.Equal(Name, q.AskedName));
    }

    [Fact]
    public async Task Case_is_left_alone_when_told_to()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, RandomizeCase = false });
        await tester.AskAsync(Name);
        Assert.Equal(Name, Assert.Single(upstream.Queries).AskedName);
    }

    [Fact]
    public async Task Rfc7873_5_1_a_server_cookie_is_remembered_and_sent_back()
    {
        await using FakeUpstream upstream = WithCookies();
        using var tester = new ExchangeTester(upstream.Address);
        await AskWithOptAsync(tester);
        await AskWithOptAsync(tester);

        // Now that the upstream is known to understand, a question without OPT gets one.
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync(Name)).Status);
        byte[][] cookies = [.. upstream.Queries.Select(q => CookieIn(q.Message, q.QuestionEnd))];
        Assert.Equal(8, cookies[0].Length);
        Assert.Equal([.. cookies[0], .. ServerCookie], cookies[1]);
        Assert.Equal(cookies[1], cookies[2]);
        FakeQuery last = upstream.Queries.Last();
        Assert.Equal([0, 0, 41, 2, 0, 0, 0, 0, 0, 0, 20], last.Message[last.QuestionEnd..(last.QuestionEnd + 11)]);
    }

    [Fact]
    public async Task Questions_without_OPT_stay_without_while_the_upstream_is_not_known_to_send_cookies()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        using var tester = new ExchangeTester(upstream.Address);
        await tester.AskAsync(Name);
        await AskWithOptAsync(tester);
        await tester.AskAsync(Name);
        Assert.Equal([0, 1, 0], upstream.Queries.Select(q => (int)q.Header.AdditionalCount));
    }

    [Fact]
    public async Task Where_options_are_chosen_a_cookie_is_offered_now_and_then_until_one_comes_back()
    {
        await using FakeUpstream upstream = WithCookies();
        using var tester = new ExchangeTester(upstream.Address);
        for (int i = 0; i < 66; i++)
        {
            await tester.AskAsync(Name, withOpt: true, offersFewCookies: true);
        }

        int[] cookies = [.. upstream.Queries.Select(q => CookieIn(q.Message, q.QuestionEnd).Length)];
        Assert.Equal([.. Enumerable.Repeat(0, 63), 8, 16, 16], cookies);
    }

    [Fact]
    public async Task Cookies_of_two_upstreams_differ()
    {
        await using FakeUpstream first = WithCookies();
        await using FakeUpstream second = WithCookies();
        using var one = new ExchangeTester(first.Address);
        using var two = new ExchangeTester(second.Address);
        await AskWithOptAsync(one);
        await AskWithOptAsync(two);
        FakeQuery a = Assert.Single(first.Queries);
        FakeQuery b = Assert.Single(second.Queries);
        Assert.NotEqual(CookieIn(a.Message, a.QuestionEnd), CookieIn(b.Message, b.QuestionEnd));
    }

    [Fact]
    public async Task Rfc7873_5_3_an_answer_without_the_cookie_is_not_believed()
    {
        bool forging = false;
        await using var upstream = new FakeUpstream(async q =>
        {
            if (Volatile.Read(ref forging) && !q.IsTcp)
            {
                await q.SendAsync(q.Answer("192.0.2.66"));
            }
            else
            {
                await q.SendAsync(Answer(q, "192.0.2.1", ServerCookie));
            }
        });
        using var tester = new ExchangeTester(upstream.Address);
        await AskWithOptAsync(tester);
        Volatile.Write(ref forging, true);
        ExchangeResult result = await AskWithOptAsync(tester);
        Assert.Equal(1, BinaryPrimitives.ReadUInt16BigEndian(result.Message.AsSpan(6)));
        Assert.Equal("192.0.2.1", AddressIn(result.Message));
        Assert.Equal([AnswerDoubt.Cookie], tester.Doubts);
        Assert.Empty(tester.GivenUp);
    }

    [Fact]
    public async Task An_upstream_that_stops_sending_cookies_is_asked_without()
    {
        bool without = false;
        await using var upstream = new FakeUpstream(q => q.SendAsync(Volatile.Read(ref without) ? q.Answer("192.0.2.1") : Answer(q, "192.0.2.1", ServerCookie)));
        using var tester = new ExchangeTester(upstream.Address);
        await AskWithOptAsync(tester);
        Volatile.Write(ref without, true);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ExchangeStatus.Answered, (await AskWithOptAsync(tester)).Status);
        }

        Assert.Equal([AnswerDoubt.Cookie], tester.Doubts);
        Assert.Equal([AnswerDoubt.Cookie], tester.GivenUp);
        Assert.Empty(CookieIn(upstream.Queries.Last().Message, upstream.Queries.Last().QuestionEnd));
    }

    [Fact]
    public async Task Rfc7873_5_2_3_BADCOOKIE_is_asked_again_with_the_cookie_that_came_along()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            bool knows = CookieIn(q.Message, q.QuestionEnd).AsSpan(8).SequenceEqual(ServerCookie);
            return q.SendAsync(Answer(q, "192.0.2.1", ServerCookie, bad: !knows));
        });
        using var tester = new ExchangeTester(upstream.Address);
        ExchangeResult result = await AskWithOptAsync(tester);
        Assert.Equal("192.0.2.1", AddressIn(result.Message));
        Assert.Equal(2, upstream.Queries.Count);
        Assert.All(upstream.Queries, q => Assert.False(q.IsTcp));
    }

    [Fact]
    public async Task Rfc7873_5_3_an_upstream_that_is_never_content_is_asked_over_TCP()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(Answer(q, "192.0.2.1", ServerCookie, bad: !q.IsTcp)));
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal("192.0.2.1", AddressIn((await AskWithOptAsync(tester)).Message));
        Assert.Equal([false, false, true], upstream.Queries.Select(q => q.IsTcp));
    }

    [Fact]
    public async Task An_upstream_that_cannot_stand_cookies_gets_none()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(CookieIn(q.Message, q.QuestionEnd).Length > 0 ? q.Code(DnsResponseCode.FormatError) : q.Answer("192.0.2.1")));
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal("192.0.2.1", (await AskWithOptAsync(tester)).Address);
        Assert.Equal("192.0.2.1", (await AskWithOptAsync(tester)).Address);
        Assert.Equal(3, upstream.Queries.Count);
        Assert.Equal([AnswerDoubt.Cookie], tester.GivenUp);
    }

    [Fact]
    public async Task A_question_that_is_turned_down_anyway_says_nothing_about_cookies()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.FormatError)));
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal(ExchangeStatus.Answered, (await AskWithOptAsync(tester)).Status);
        Assert.Equal(2, upstream.Queries.Count);
        Assert.Empty(tester.GivenUp);
    }

    [Fact]
    public async Task No_cookies_when_told_so()
    {
        await using FakeUpstream upstream = WithCookies();
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, Cookies = false });
        await AskWithOptAsync(tester);
        FakeQuery query = Assert.Single(upstream.Queries);
        Assert.Equal(query.QuestionEnd + 11, query.Message.Length);
    }

    private static FakeUpstream WithCookies() => new(q => q.SendAsync(Answer(q, "192.0.2.1", ServerCookie)));

    private static Task<ExchangeResult> AskWithOptAsync(ExchangeTester tester) => tester.AskAsync(Name, withOpt: true);

    /// <summary>An A record and, where the query has a cookie, OPT with that and the server's.</summary>
    private static byte[] Answer(FakeQuery query, string address, byte[] server, bool bad = false)
    {
        byte[] client = CookieIn(query.Message, query.QuestionEnd);
        if (client.Length == 0)
        {
            return query.Answer(address);
        }

        byte[] cookie = [.. client.AsSpan(0, 8), .. server];
        byte[] answer = [.. bad ? query.Code((DnsResponseCode)7) : query.Answer(address), 0, 0, 41, 4, 0xD0, bad ? (byte)1 : (byte)0, 0, 0, 0, 0, (byte)(4 + cookie.Length), 0, 10, 0, (byte)cookie.Length, .. cookie];
        answer[11] = 1;
        return answer;
    }

    private static byte[] CookieIn(byte[] message, int questionEnd)
    {
        ReadOnlySpan<byte> opt = message.AsSpan(questionEnd);
        if (opt.Length < 15 || opt[2] != (byte)DnsRecordType.OPT || opt[12] != (byte)EdnsOptionCode.Cookie)
        {
            return [];
        }

        return opt.Slice(15, opt[14]).ToArray();
    }

    private static string NameIn(byte[] message)
    {
        Assert.True(DnsNameView.TryRead(message.AsSpan(DnsHeader.Size), out DnsNameView name));
        return name.ToString();
    }

    private static string AddressIn(byte[] message)
    {
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadQuestion(out _));
        Assert.True(reader.TryReadRecord(out DnsRecordView address));
        Assert.Equal(DnsRecordType.A, address.Type);
        return new System.Net.IPAddress(message.AsSpan(address.RdataOffset, 4)).ToString();
    }
}
