using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Testing;

namespace MiniDns.Client.Tests;

public sealed class UdpExchangeTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_comes_back(bool portable)
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.7");
        using var tester = new ExchangeTester(upstream.Address, portable);
        ExchangeResult result = await tester.AskAsync("www.example.org.");
        Assert.Equal(ExchangeStatus.Answered, result.Status);
        Assert.Equal("192.0.2.7", result.Address);
        Assert.Equal("www.example.org.", Assert.Single(upstream.Queries).Name);
    }

    [Fact]
    public async Task An_IPv6_upstream_answers()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.8")), address: new IPEndPoint(IPAddress.IPv6Loopback, 0));
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal("192.0.2.8", (await tester.AskAsync("www.example.org.")).Address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_times_out(bool portable)
    {
        await using var upstream = new FakeUpstream(_ => Task.CompletedTask);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = Short }, portable: portable);
        Assert.Equal(ExchangeStatus.TimedOut, (await tester.AskAsync("www.example.org.")).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_closed_port_fails_at_once(bool portable)
    {
        await using var upstream = new FakeUpstream(_ => Task.CompletedTask, udp: false);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(5) }, portable: portable);
        Assert.Equal(ExchangeStatus.Refused, (await tester.AskAsync("www.example.org.")).Status);
    }

    [Fact]
    public async Task No_route_fails_at_once()
    {
        // From a loopback source nothing can be sent to an address that is not local.
        using var tester = new ExchangeTester(new UpstreamOptions
        {
            Address = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53),
            SourceAddress = IPAddress.Parse("192.0.2.77"),
        });
        Assert.Equal(ExchangeStatus.Unreachable, (await tester.AskAsync("www.example.org.")).Status);
    }

    /// <summary>RFC 5452 §9.1: id, question, address; besides, QR and the opcode.</summary>
    public static TheoryData<string, Func<FakeQuery, byte[]>> Forgeries() => new()
    {
        { "id", q => Changed(q, m => m[1] ^= 1) },
        { "name", q => Changed(q, m => m[DnsHeader.Size + 1] ^= 1) },
        { "type", q => Changed(q, m => m[q.QuestionEnd - 3] ^= 1) },
        { "class", q => Changed(q, m => m[q.QuestionEnd - 1] ^= 2) },
        { "QR", q => Changed(q, m => m[2] &= 0x7F) },
        { "opcode", q => Changed(q, m => m[2] |= 0x10) },
        { "no question", q => Changed(q, m => BinaryPrimitives.WriteUInt16BigEndian(m.AsSpan(4), 0)) },
        { "two questions", q => Changed(q, m => BinaryPrimitives.WriteUInt16BigEndian(m.AsSpan(4), 2)) },
        { "cut in the question", q => q.Answer("192.0.2.66")[..(q.QuestionEnd - 1)] },
        { "cut in the header", q => q.Answer("192.0.2.66")[..11] },
        { "empty", _ => [] },
        { "garbage", _ => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_answer_is_ignored_and_the_right_one_still_taken(string what, Func<FakeQuery, byte[]> forge)
    {
        await using var upstream = new FakeUpstream(async q =>
        {
            await q.SendAsync(forge(q));
            await q.SendAsync(q.Answer("192.0.2.1"));
        });
        using var tester = new ExchangeTester(upstream.Address);
        ExchangeResult result = await tester.AskAsync("www.example.org.");
        Assert.True(result.Status == ExchangeStatus.Answered, what);
        Assert.Equal("192.0.2.1", result.Address);
        Assert.Equal(1, tester.Ignored);
    }

    [Fact]
    public async Task An_answer_from_another_port_never_arrives()
    {
        await using var upstream = new FakeUpstream(q => q.SendFromElsewhereAsync(q.Answer("192.0.2.66")));
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = Short });
        Assert.Equal(ExchangeStatus.TimedOut, (await tester.AskAsync("www.example.org.")).Status);
    }

    [Fact]
    public async Task The_case_of_the_name_in_the_answer_does_not_matter()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(Changed(q, m => m[DnsHeader.Size + 1] ^= 0x20)));
        using var tester = new ExchangeTester(upstream.Address);
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);
    }

    [Fact]
    public async Task Answers_in_any_order_find_their_queries()
    {
        var held = new System.Collections.Concurrent.ConcurrentStack<FakeQuery>();
        const int Count = 200;
        await using var upstream = new FakeUpstream(async q =>
        {
            held.Push(q);
            if (held.Count == Count)
            {
                foreach (FakeQuery query in held)
                {
                    int number = int.Parse(query.Name.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
                    await query.SendAsync(query.Answer($"192.0.{number / 256}.{number % 256}"));
                }
            }
        });
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(1) });
        ExchangeResult[] results = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => tester.AskAsync($"{i}.example.org.")));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"192.0.{i / 256}.{i % 256}", results[i].Address);
        }

        // Few sockets for many queries: the ids and ports are what differ.
        Assert.InRange(held.Select(q => q.From.Port).Distinct().Count(), 1, 4);
        Assert.True(held.Select(q => q.Header.Id).Distinct().Count() > Count * 9 / 10);
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_is_ignored()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream upstream = FakeUpstream.AnsweringAfter(release.Task);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = Short });
        Assert.Equal(ExchangeStatus.TimedOut, (await tester.AskAsync("www.example.org.")).Status);
        release.SetResult();
        await ExchangeTester.UntilAsync(() => tester.Ignored == 1);
    }

    [Fact]
    public async Task Ports_change_after_so_many_queries()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, UdpSockets = 1, PortQueries = 4 });
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);
        }

        Assert.InRange(upstream.Queries.Select(q => q.From.Port).Distinct().Count(), 64 / 6, 64);
    }

    [Fact]
    public async Task A_table_that_is_full_says_so_and_recovers()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream upstream = FakeUpstream.AnsweringAfter(release.Task);
        using var tester = new ExchangeTester(new UpstreamOptions
        {
            Address = upstream.Address,
            UdpSockets = 2,
            MaxInFlightPerSocket = 8,
            ReadTimeout = TimeSpan.FromMinutes(1),
        });
        Task<ExchangeResult>[] asked = [.. Enumerable.Range(0, 20).Select(i => tester.AskAsync($"{i}.example.org."))];
        Assert.Equal(4, tester.Full);
        release.SetResult();
        ExchangeResult[] results = await Task.WhenAll(asked);
        Assert.Equal(16, results.Count(r => r.Status == ExchangeStatus.Answered));
        Assert.Equal(4, results.Count(r => r.Status == ExchangeStatus.Busy));
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);
    }

    [Fact]
    public async Task A_datagram_too_large_to_take_whole_counts_as_truncated()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync([.. q.Answer("192.0.2.1"), .. new byte[20_000]]));
        using var tester = new ExchangeTester(upstream.Address);
        ExchangeResult result = await tester.AskAsync("www.example.org.");
        Assert.True(DnsHeader.TryRead(result.Message, out DnsHeader header));
        Assert.True(header.IsTruncated);
        Assert.Equal(0, header.AnswerCount);
    }

    [Fact]
    public async Task Idle_sockets_are_closed_and_opened_again()
    {
        var time = new TestTimeProvider();
        await using FakeUpstream upstream = FakeUpstream.Answering();
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, UdpSockets = 1, Expire = TimeSpan.FromSeconds(10) }, time);
        await tester.AskAsync("www.example.org.");
        await tester.AskAsync("www.example.org.");
        Assert.Equal(1, tester.Opened);
        time.Advance(TimeSpan.FromSeconds(11));
        int port = upstream.Queries.First().From.Port;
        await ExchangeTester.UntilAsync(() => IsFree(port));
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Equal(2, tester.Opened);
    }

    [Fact]
    public async Task Stopping_ends_what_waits()
    {
        await using var upstream = new FakeUpstream(_ => Task.CompletedTask);
        using var tester = new ExchangeTester(new UpstreamOptions { Address = upstream.Address, ReadTimeout = TimeSpan.FromMinutes(1) });
        Task<ExchangeResult> asked = tester.AskAsync("www.example.org.");
        tester.Loops.Dispose();
        Assert.Equal(ExchangeStatus.Stopped, (await asked).Status);
        Assert.Equal(ExchangeStatus.Stopped, (await tester.AskAsync("www.example.org.")).Status);
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static byte[] Changed(FakeQuery query, Action<byte[]> change)
    {
        byte[] message = query.Answer("192.0.2.66");
        change(message);
        return message;
    }
}
