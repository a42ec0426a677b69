using System.Collections.Concurrent;
using MiniDns.Testing;

namespace MiniDns.Client.Tests;

/// <summary>RFC 7766: kept connections, pipelining, answers in any order.</summary>
public sealed class TcpExchangeTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Queries_share_a_connection()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.9");
        using var tester = new ExchangeTester(upstream.Address);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("192.0.2.9", (await tester.AskAsync($"{i}.example.org.", UpstreamProtocol.Tcp)).Address);
        }

        Assert.Equal(1, upstream.Connections);
        Assert.All(upstream.Queries, q => Assert.True(q.IsTcp));
    }

    [Fact]
    public async Task Rfc7766_6_2_1_many_queries_are_under_way_and_answers_come_in_any_order()
    {
        const int Count = 50;
        var held = new ConcurrentStack<FakeQuery>();
        await using var upstream = new FakeUpstream(async q =>
        {
            held.Push(q);
            if (held.Count == Count)
            {
                foreach (FakeQuery query in held)
                {
                    await query.SendAsync(query.Answer($"192.0.2.{query.Name.Split('.')[0]}"));
                }
            }
        });
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(1) });
        ExchangeResult[] results = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => tester.AskAsync($"{i}.example.org.", UpstreamProtocol.Tcp)));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"192.0.2.{i}", results[i].Address);
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Connections_are_added_as_queries_pile_up_and_bounded()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream upstream = FakeUpstream.AnsweringAfter(release.Task);
        using var tester = new ExchangeTester(new UpstreamOptions
        {
            Address = upstream.Address,
            MaxConnections = 2,
            MaxInFlightPerConnection = 100,
            ReadTimeout = TimeSpan.FromMinutes(1),
        });
        Task<ExchangeResult>[] asked = [.. Enumerable.Range(0, 210).Select(i => tester.AskAsync($"{i}.example.org.", UpstreamProtocol.Tcp))];
        release.SetResult();
        ExchangeResult[] results = await Task.WhenAll(asked);
        Assert.Equal(2, upstream.Connections);
        Assert.Equal(200, results.Count(r => r.Status == ExchangeStatus.Answered));
        Assert.Equal(10, results.Count(r => r.Status == ExchangeStatus.Busy));
    }

    [Fact]
    public async Task Wrong_answers_are_ignored_and_the_connection_goes_on()
    {
        await using var upstream = new FakeUpstream(async q =>
        {
            byte[] other = q.Answer("192.0.2.66");
            other[0] ^= 0x80;
            await q.SendAsync(other);
            await q.SendAsync([1, 2, 3]);
            await q.SendAsync([]);
            await q.SendAsync(q.Answer("192.0.2.1"));
        });
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal("192.0.2.1", (await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp)).Address);
        Assert.Equal(3, tester.Ignored);
    }

    [Fact]
    public async Task A_kept_connection_that_turns_out_closed_is_replaced()
    {
        FakeQuery? first = null;
        await using var upstream = new FakeUpstream(async q =>
        {
            if (Interlocked.CompareExchange(ref first, q, null) is null || q.From.Port != first.From.Port)
            {
                await q.SendAsync(q.Answer("192.0.2.1"));
            }
            else
            {
                q.Close();
            }
        });
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("one.example.org.", UpstreamProtocol.Tcp)).Status);
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("two.example.org.", UpstreamProtocol.Tcp)).Status);
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task Connections_that_close_without_any_answer_fail_the_third_time()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            q.Close();
            return Task.CompletedTask;
        });
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal(ExchangeStatus.Closed, (await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp)).Status);
        Assert.Equal(3, upstream.Connections);
    }

    [Fact]
    public async Task Nobody_listening_fails_at_once()
    {
        await using var upstream = new FakeUpstream(_ => Task.CompletedTask, tcp: false);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(5) });
        Assert.Equal(ExchangeStatus.Refused, (await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp)).Status);
    }

    [Fact]
    public async Task Silence_times_out_and_the_next_query_takes_another_connection()
    {
        await using var upstream = new FakeUpstream(q => q.Name.StartsWith("silent", StringComparison.Ordinal) ? Task.CompletedTask : q.SendAsync(q.Answer("192.0.2.1")));
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = Short });
        Assert.Equal(ExchangeStatus.TimedOut, (await tester.AskAsync("silent.example.org.", UpstreamProtocol.Tcp)).Status);
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp)).Status);
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task An_answer_may_come_in_pieces_and_be_as_long_as_it_gets()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            byte[] small = q.Answer("192.0.2.1");
            byte[] large = new byte[65_535];
            small.CopyTo(large, 0);
            return q.SendAsync(large);
        });
        using var tester = new ExchangeTester(upstream.Address);
        ExchangeResult result = await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp);
        Assert.Equal(65_535, result.Message.Length);
    }

    [Fact]
    public async Task Idle_connections_are_closed()
    {
        var time = new TestTimeProvider();
        await using FakeUpstream upstream = FakeUpstream.Answering();
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, Expire = TimeSpan.FromSeconds(10) }, time);
        await tester.AskAsync("one.example.org.", UpstreamProtocol.Tcp);
        time.Advance(TimeSpan.FromSeconds(11));
        await ExchangeTester.UntilAsync(() =>
        {
            ExchangeResult result = tester.AskAsync("two.example.org.", UpstreamProtocol.Tcp).GetAwaiter().GetResult();
            Assert.Equal(ExchangeStatus.Answered, result.Status);
            time.Advance(TimeSpan.FromSeconds(11));
            return upstream.Connections >= 2;
        });
    }

    [Fact]
    public async Task Stopping_ends_what_waits()
    {
        await using var upstream = new FakeUpstream(_ => Task.CompletedTask);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(1) });
        Task<ExchangeResult> asked = tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp);
        await ExchangeTester.UntilAsync(() => !upstream.Queries.IsEmpty);
        tester.Loops.Dispose();
        Assert.Equal(ExchangeStatus.Stopped, (await asked).Status);
    }
}
