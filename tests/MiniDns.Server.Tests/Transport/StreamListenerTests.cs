using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>DNS over TCP (RFC 7766), with clients that behave and clients that do not.</summary>
public class StreamListenerTests
{
    private static readonly EndpointSettings Short = Listening.Settings with
    {
        ReadTimeout = TimeSpan.FromMilliseconds(400),
        WriteTimeout = TimeSpan.FromMilliseconds(400),
        IdleTimeout = TimeSpan.FromMilliseconds(400),
    };

    private static readonly EndpointSettings Patient = Listening.Settings with
    {
        ReadTimeout = TimeSpan.FromMinutes(2),
        WriteTimeout = TimeSpan.FromMinutes(2),
        IdleTimeout = TimeSpan.FromMinutes(2),
    };

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.5")]
    [InlineData("::", "::1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    public async Task Answers_queries_one_after_the_other(string listen, string ask)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(listen), Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(new IPEndPoint(IPAddress.Parse(ask), server.Address.Port));
        for (ushort i = 0; i < 20; i++)
        {
            string name = (i % 2 == 0 ? "now." : "hop.") + "example.";
            var reply = new ParsedMessage(await client.AskAsync(Ask.For(name, id: i)));
            Assert.Equal(i, reply.Header.Id);
            Assert.Equal(name, Assert.Single(reply.Records).Owner);
        }
    }

    [Fact]
    public async Task Replies_overtake_queries_that_wait_RFC7766_6_2_1_1()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("held.a.", 1), Ask.For("now.a.", 2), Ask.For("held.b.", 3), Ask.For("hop.b.", 4), Ask.For("now.c.", 5));
        Assert.Equal([2, 4, 5], (await IdsAsync(client, 3)).Order());
        server.Plugin.Release();
        Assert.Equal([1, 3], (await IdsAsync(client, 2)).Order());
    }

    [Fact]
    public async Task A_message_may_come_in_single_octets()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        foreach (byte octet in TcpClientStream.Frame(Ask.For("now.example.", 1)))
        {
            await client.SendRawAsync(new[] { octet });
            await Task.Yield();
        }

        Assert.Equal(1, Ask.Id((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task Messages_may_come_in_any_pieces()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        const int Messages = 400;
        byte[] octets = [.. Enumerable.Range(0, Messages).SelectMany(i => TcpClientStream.Frame(Ask.For(i % 3 == 0 ? "hop.example." : "now.example.", (ushort)i)))];
        Task sending = Task.Run(async () =>
        {
            var random = new Random(7);
            for (int at = 0; at < octets.Length;)
            {
                int length = Math.Min(octets.Length - at, random.Next(1, 90));
                await client.SendRawAsync(octets.AsMemory(at, length));
                at += length;
            }
        });
        Assert.Equal(Enumerable.Range(0, Messages), (await IdsAsync(client, Messages)).Order());
        await sending;
    }

    [Fact]
    public async Task A_half_closed_connection_gets_all_its_replies()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync([.. Enumerable.Range(0, 30).Select(i => Ask.For(i % 3 == 0 ? "now.a." : i % 3 == 1 ? "hop.a." : "held.a.", (ushort)i))]);
        client.Socket.Shutdown(SocketShutdown.Send);
        await Eventually.TrueAsync(() => server.Plugin.Held == 10, "ten queries wait");
        List<int> ids = await IdsAsync(client, 20);
        server.Plugin.Release();
        ids.AddRange(await IdsAsync(client, 10));
        Assert.Equal(Enumerable.Range(0, 30), ids.Order());
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using Listening server = await Listening.StartAsync(settings: Short with { ReadTimeout = TimeSpan.FromMinutes(2) });
        using TcpClientStream silent = await TcpClientStream.ConnectAsync(server.Address);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.AskAsync(Ask.For("now.example."));
        Assert.Null(await client.ReceiveAsync());
        Assert.Null(await silent.ReceiveAsync());
    }

    [Fact]
    public async Task A_connection_whose_query_waits_is_not_idle()
    {
        await using Listening server = await Listening.StartAsync(settings: Short with { IdleTimeout = TimeSpan.FromSeconds(2) });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("held.example.", 8));
        await Eventually.TrueAsync(() => server.Plugin.Held == 1, "a query waits");

        // Longer than the connection may be idle: there is nothing else to wait for.
        await Task.Delay(TimeSpan.FromSeconds(3));
        server.Plugin.Release();
        Assert.Equal(8, Ask.Id((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task A_message_that_does_not_become_whole_in_time_ends_the_connection()
    {
        await using Listening server = await Listening.StartAsync(settings: Short with { IdleTimeout = TimeSpan.FromMinutes(2) });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendRawAsync(TcpClientStream.Frame(Ask.For("now.example."))[..^1]);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Sending_octet_by_octet_does_not_stretch_the_read_timeout()
    {
        await using Listening server = await Listening.StartAsync(settings: Short with { IdleTimeout = TimeSpan.FromMinutes(2) });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);

        // Each octet comes well within the timeout, all of them together would take minutes.
        Task closed = client.ClosedAsync();
        await client.SendRawAsync(new byte[] { 0xFF, 0xFF });
        for (int i = 0; !closed.IsCompleted; i++)
        {
            Assert.True(i < 300, "the connection stays open");
            try
            {
                await client.SendRawAsync(new byte[1]);
            }
            catch (SocketException)
            {
                break;
            }

            await Task.Delay(30);
        }

        await closed;
    }

    [Fact]
    public async Task One_client_has_a_limit_of_connections()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient with { MaxConnectionsPerClient = 3 });
        List<TcpClientStream> clients = [];
        for (int i = 0; i < 3; i++)
        {
            clients.Add(await TcpClientStream.ConnectAsync(server.Address));
            await clients[i].AskAsync(Ask.For("now.example."));
        }

        using (TcpClientStream refused = await TcpClientStream.ConnectAsync(server.Address))
        {
            Assert.Null(await refused.ReceiveAsync());
        }

        Assert.Equal(1, server.Metric("minidns_tcp_connections_refused_total"));

        // One that goes makes room.
        clients[0].Dispose();
        bool answered = false;
        for (int i = 0; i < 500 && !answered; i++)
        {
            using TcpClientStream next = await TcpClientStream.ConnectAsync(server.Address);
            try
            {
                await next.SendAsync(Ask.For("now.example."));
                answered = await next.ReceiveAsync() is not null;
            }
            catch (SocketException)
            {
                // Refused and closed before the query was sent.
            }

            await Task.Delay(5);
        }

        Assert.True(answered);
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task All_clients_together_have_a_limit_of_connections()
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Any, Patient with { MaxConnections = 2 });
        using TcpClientStream first = await TcpClientStream.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.1"), server.Address.Port));
        await first.AskAsync(Ask.For("now.example."));
        using TcpClientStream second = await TcpClientStream.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.2"), server.Address.Port));
        await second.AskAsync(Ask.For("now.example."));
        using TcpClientStream third = await TcpClientStream.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.3"), server.Address.Port));
        Assert.Null(await third.ReceiveAsync());
    }

    [Fact]
    public async Task One_connection_has_a_limit_of_queries_in_flight()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient with { MaxQueriesPerConnection = 5 });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync([Ask.For("now.example.", 100), .. Enumerable.Range(0, 12).Select(i => Ask.For("held.example.", (ushort)i))]);

        // What was answered before the limit was met is not held back by it.
        Assert.Equal(100, Ask.Id((await client.ReceiveAsync())!));
        await Eventually.TrueAsync(() => server.Plugin.Held == 5, "five queries wait");
        await Task.Delay(50);
        Assert.Equal(6, server.Plugin.Asked);
        server.Plugin.Release();
        Assert.Equal(Enumerable.Range(0, 12), (await IdsAsync(client, 12)).Order());
    }

    [Fact]
    public async Task One_connection_can_have_a_limit_of_queries_in_all()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient with { MaxQueries = 3 });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync([.. Enumerable.Range(0, 3).Select(i => Ask.For(i == 1 ? "held.example." : "now.example.", (ushort)i))]);
        Assert.Equal([0, 2], (await IdsAsync(client, 2)).Order());
        server.Plugin.Release();
        Assert.Equal(1, Ask.Id((await client.ReceiveAsync())!));
        await client.ClosedAsync();
        Assert.Equal(3, server.Plugin.Asked);
    }

    [Fact]
    public async Task A_client_that_never_reads_is_cut_off_and_cannot_make_us_hold_its_replies()
    {
        await using Listening server = await Listening.StartAsync(settings: Short with { ReadTimeout = TimeSpan.FromMinutes(2), IdleTimeout = TimeSpan.FromMinutes(2) });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address, receiveBuffer: 4096);
        byte[] frames = [.. Enumerable.Range(0, 500).SelectMany(i => TcpClientStream.Frame(Ask.For("big-60000.example.", (ushort)i)))];
        Task sending = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await client.SendRawAsync(frames);
                }
            }
            catch (SocketException)
            {
                // Cut off, as it should be.
            }
        });
        await sending.WaitAsync(Eventually.Patience);

        // Without sending replies on in pieces, all of the first 500 or more would have been made.
        Assert.InRange(server.Plugin.Asked, 1, 400);
        using TcpClientStream next = await TcpClientStream.ConnectAsync(server.Address);
        await next.AskAsync(Ask.For("now.example."));
    }

    [Fact]
    public async Task A_connection_whose_replies_nobody_takes_is_reset_and_not_left_to_the_kernel()
    {
        await using Listening server = await Listening.StartAsync(settings: Short);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address, receiveBuffer: 4096);
        bool reset = false;
        try
        {
            for (ushort i = 0; i < 200; i++)
            {
                await client.SendAsync(Ask.For("hop.example.", i), Ask.For("big-50000.example.", i));
            }

            for (int i = 0; i < 2000; i++)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
                await client.Socket.SendAsync(new byte[1], SocketFlags.None, patience.Token);
                await Task.Delay(5);
            }
        }
        catch (SocketException)
        {
            reset = true;
        }

        Assert.True(reset);
        await Eventually.TrueAsync(() => server.Tcp.ConnectionCount == 0, "the connection is gone");
    }

    [Fact]
    public async Task A_reply_may_have_65535_octets()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);

        // Header, question, nine records' fixed parts, and what the name asks for.
        const int Overhead = 12 + 23 + (9 * 12);
        byte[] largest = await client.AskAsync(Ask.For($"big-{65535 - Overhead}.example."));
        Assert.Equal(65535, largest.Length);
        Assert.False(new ParsedMessage(largest).Header.IsTruncated);

        var cut = new ParsedMessage(await client.AskAsync(Ask.For($"big-{65535 - Overhead + 1}.example.")));
        Assert.True(cut.Header.IsTruncated);
        Assert.Equal(8, cut.Records.Count);
    }

    [Fact]
    public async Task A_query_may_have_65535_octets()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        byte[] query = Ask.For("now.example.", 4);
        byte[] padded = new byte[65535];
        query.CopyTo(padded, 0);
        Assert.Equal(4, Ask.Id(await client.AskAsync(padded)));
        Assert.Equal(5, Ask.Id(await client.AskAsync(Ask.For("now.example.", 5))));
    }

    [Fact]
    public async Task Errors_are_answered_and_what_is_no_query_is_passed_over()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync([], [1], Ask.For("a.", 1, flags: 0x8000), Ask.For("drop.example.", 2), Ask.For("throw.a.", 3), Ask.For("fault.a.", 4), Ask.For("a.", 5, flags: 5 << 11), Ask.For("now.a.", 6));
        Dictionary<ushort, DnsResponseCode> codes = [];
        for (int i = 0; i < 4; i++)
        {
            byte[] reply = (await client.ReceiveAsync())!;
            codes.Add(Ask.Id(reply), new ParsedMessage(reply).Code);
        }

        Assert.Equal([DnsResponseCode.ServerFailure, DnsResponseCode.ServerFailure, DnsResponseCode.NotImplemented, DnsResponseCode.NoError], codes.OrderBy(c => c.Key).Select(c => c.Value));
        Assert.Equal(2, server.Metric("coredns_panics_total"));
        Assert.Equal(2, server.Log.Lines.Count);
    }

    [Fact]
    public async Task Stopping_answers_what_is_in_flight_then_closes()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        using TcpClientStream idle = await TcpClientStream.ConnectAsync(server.Address);
        await idle.AskAsync(Ask.For("now.example."));
        await client.SendAsync(Ask.For("held.a.", 1), Ask.For("held.b.", 2));
        await Eventually.TrueAsync(() => server.Plugin.Held == 2, "two queries wait");
        Task drain = server.Tcp.DrainAsync(Eventually.Patience).AsTask();
        Assert.Null(await idle.ReceiveAsync());
        Assert.False(drain.IsCompleted);
        server.Plugin.Release();
        Assert.Equal([1, 2], (await IdsAsync(client, 2)).Order());
        Assert.Null(await client.ReceiveAsync());
        await drain.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task Stopping_does_not_wait_longer_than_it_is_told_to()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("held.a.", 1));
        await Eventually.TrueAsync(() => server.Plugin.Held == 1, "a query waits");
        await server.Tcp.DrainAsync(TimeSpan.FromMilliseconds(50)).AsTask().WaitAsync(Eventually.Patience);
        await client.ClosedAsync();
        server.Plugin.Release();
        await Eventually.TrueAsync(() => server.Plugin.Held == 0, "the query ends");
    }

    [Fact]
    public async Task Clients_that_vanish_leave_nothing_behind()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient with { MaxConnectionsPerClient = 4 });
        for (int i = 0; i < 40; i++)
        {
            using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
            try
            {
                await client.SendAsync(Ask.For("hop.example.", 1), Ask.For("now.example.", 2), Ask.For("big-30000.example.", 3));
                client.Socket.LingerState = new LingerOption(true, 0);      // a reset
            }
            catch (SocketException)
            {
                await Task.Delay(5);
            }
        }

        await Eventually.TrueAsync(() => server.Tcp.ConnectionCount == 0, "no connection is left");
        Assert.Empty(server.Log.Lines);
    }

    [Fact]
    public async Task Many_connections_pipeline_at_once()
    {
        await using Listening server = await Listening.StartAsync(settings: Patient);
        await Parallel.ForAsync(0, 16, async (c, _) =>
        {
            using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
            await client.SendAsync([.. Enumerable.Range(0, 200).Select(i => Ask.For($"{(i % 2 == 0 ? "hop" : "now")}-{c}.example.", (ushort)i))]);
            HashSet<ushort> ids = [];
            for (int i = 0; i < 200; i++)
            {
                byte[] reply = (await client.ReceiveAsync())!;
                Assert.EndsWith($"-{c}.example.", Assert.Single(new ParsedMessage(reply).Records).Owner);
                ids.Add(Ask.Id(reply));
            }

            Assert.Equal(200, ids.Count);
        });
    }

    private static async Task<List<int>> IdsAsync(TcpClientStream client, int count)
    {
        List<int> ids = [];
        for (int i = 0; i < count; i++)
        {
            byte[]? reply = await client.ReceiveAsync();
            Assert.NotNull(reply);
            ids.Add(Ask.Id(reply));
        }

        return ids;
    }
}
