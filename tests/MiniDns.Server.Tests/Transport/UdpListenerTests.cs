using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>Both workers pass the same battery.</summary>
public class UdpListenerTests
{
    public static TheoryData<bool, string> Kinds() => new()
    {
        { false, "127.0.0.1" },
        { false, "::1" },
        { true, "127.0.0.1" },
        { true, "::1" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Answers_at_once_later_and_from_other_threads(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        foreach (string name in (string[])["now.example.", "hop.example.", "now.example.", "hop-2.example."])
        {
            var reply = new ParsedMessage(await client.AskAsync(Ask.For(name, id: 99)));
            Assert.Equal(99, reply.Header.Id);
            Assert.Equal(name, Assert.Single(reply.Records).Owner);
        }

        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Replies_overtake_a_query_that_waits(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        client.Send(Ask.For("held-1.example.", id: 1));
        client.Send(Ask.For("held-2.example.", id: 2));
        await Eventually.TrueAsync(() => server.Plugin.Held == 2, "two queries wait");
        Assert.Equal(3, Ask.Id(await client.AskAsync(Ask.For("now.example.", id: 3))));
        server.Plugin.Release();
        int[] ids = [Ask.Id(await client.ReceiveAsync()), Ask.Id(await client.ReceiveAsync())];
        Assert.Equal([1, 2], ids.Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Many_clients_get_their_own_replies(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        await Parallel.ForAsync(0, 20, async (i, _) =>
        {
            using var client = new UdpAsker(server.Address);
            for (int j = 0; j < 50; j++)
            {
                string name = $"{(j % 2 == 0 ? "hop" : "now")}-{i}-{j}.example.";
                var reply = new ParsedMessage(await client.AskAsync(Ask.For(name, id: (ushort)((i * 1000) + j))));
                Assert.Equal(name, Assert.Single(reply.Records).Owner);
            }
        });
        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handler_that_throws_costs_one_SERVFAIL_one_line_one_count(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        int lines = 0;
        foreach (string name in (string[])["throw.example.", "fault.example."])
        {
            // Not AskAsync: it would ask again and count twice when a reply is slow.
            client.Send(Ask.For(name, edns: 1232));
            var reply = new ParsedMessage(await client.ReceiveAsync());
            Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
            Assert.True(reply.Edns.IsPresent);
            Assert.Empty(reply.Records);
            Assert.Equal(++lines, server.Metric("coredns_panics_total"));
            Assert.Equal(lines, server.Log.Lines.Count);
            Assert.Contains("on purpose", server.Log.Lines.Last());
        }

        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await client.AskAsync(Ask.For("now.example."))).Code);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_no_query_gets_no_answer_or_an_error_and_what_nobody_claims_SERVFAIL(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        client.Send([]);
        client.Send([1, 2, 3]);
        client.Send(Ask.For("now.example.", id: 5, flags: 0x8000));
        client.Send(Ask.For("drop.example.", id: 6));
        client.Send(new byte[5000]);
        await Eventually.TrueAsync(() => server.Metric("minidns_ignored_messages_total") == 4 && server.Plugin.Asked == 1, "four messages are ignored");

        Assert.Equal(DnsResponseCode.NotImplemented, await CodeAsync(Ask.For("a.", flags: 4 << 11)));
        Assert.Equal(DnsResponseCode.FormatError, await CodeAsync([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1]));
        Assert.Equal(DnsResponseCode.Refused, await CodeAsync(Ask.For("a.", @class: DnsRecordClass.CH)));
        Assert.Equal(DnsResponseCode.ServerFailure, await CodeAsync(Ask.For("pass.example.")));
        byte[] version1 = Ask.For("a.", edns: 1232);
        version1[^5] = 1;
        Assert.Equal(DnsResponseCode.BadVersion, await CodeAsync(version1));

        async Task<DnsResponseCode> CodeAsync(byte[] query) => new ParsedMessage(await client.AskAsync(query)).Code;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_reply_has_at_most_the_size_that_the_client_takes(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        var cut = new ParsedMessage(await client.AskAsync(Ask.For("big-600.example.")));
        Assert.True(cut.Header.IsTruncated);
        Assert.Empty(cut.Records);
        var whole = new ParsedMessage(await client.AskAsync(Ask.For("big-600.example.", edns: 1232)));
        Assert.False(whole.Header.IsTruncated);
        Assert.Single(whole.Records);
        Assert.True(new ParsedMessage(await client.AskAsync(Ask.For("big-5000.example.", edns: 65535))).Header.IsTruncated);
        Assert.False(new ParsedMessage(await client.AskAsync(Ask.For("big-4000.example.", edns: 65535))).Header.IsTruncated);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Stopping_answers_what_waits_and_takes_no_more(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        for (ushort i = 0; i < 10; i++)
        {
            client.Send(Ask.For($"held-{i}.example.", id: i));
        }

        await Eventually.TrueAsync(() => server.Plugin.Held == 10, "ten queries wait");
        Task drain = server.Udp.DrainAsync(Eventually.Patience).AsTask();
        await Task.Yield();
        Assert.False(drain.IsCompleted);
        server.Plugin.Release();
        await drain.WaitAsync(Eventually.Patience);
        HashSet<ushort> ids = [];
        for (int i = 0; i < 10; i++)
        {
            ids.Add(Ask.Id(await client.ReceiveAsync()));
        }

        Assert.Equal(10, ids.Count);
        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_query_that_never_ends_does_not_keep_the_server_from_stopping(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
        using var client = new UdpAsker(server.Address);
        client.Send(Ask.For("held.example."));
        await Eventually.TrueAsync(() => server.Plugin.Held == 1, "a query waits");
        await server.Udp.DrainAsync(TimeSpan.FromMilliseconds(50));
        await server.Udp.DisposeAsync();

        // It ends after all: its reply has nowhere to go, which is nobody's fault.
        server.Plugin.Release();
        await Eventually.TrueAsync(() => server.Plugin.Held == 0, "the query ends");
        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Closing_without_draining_ends_the_workers_and_frees_the_port(bool portable, string address)
    {
        for (int i = 0; i < 5; i++)
        {
            Listening server = await Listening.StartAsync(IPAddress.Parse(address), portable: portable);
            await using (server)
            {
                using var client = new UdpAsker(server.Address);
                await client.AskAsync(Ask.For("now.example."));
            }

            FreeAddress.Check(server.Address);
            Assert.Empty(server.Log.Lines);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Datagrams_are_dropped_and_counted_while_too_many_queries_wait(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), Listening.Settings with { Sockets = 1, MaxWaitingQueries = 64 }, portable);
        using var client = new UdpAsker(server.Address);
        for (ushort i = 0; server.Plugin.Held < 64; i++)
        {
            Assert.True(i < 10_000);
            client.Send(Ask.For($"held-{i}.example.", id: i));
            await Task.Delay(1);
        }

        // As many wait as may: what is in memory is still answered.
        using var local = new UdpAsker(server.Address);
        Assert.Equal(6, Ask.Id(await local.AskAsync(Ask.For("now.example.", id: 6))));

        // This handler lets queries wait all the same, up to twice as many.
        for (ushort i = 0; server.Plugin.Held < 128; i++)
        {
            Assert.True(i < 10_000);
            client.Send(Ask.For($"held-more-{i}.example.", id: i));
            await Task.Delay(1);
        }

        client.Send(Ask.For("now.example."));
        await Eventually.TrueAsync(() => server.Metric("minidns_overload_drops_total") > 0, "a datagram is dropped");
        server.Plugin.Release();
        await Eventually.TrueAsync(() => server.Plugin.Held == 0, "all are answered");
        using var other = new UdpAsker(server.Address);
        Assert.Equal(7, Ask.Id(await other.AskAsync(Ask.For("now.example.", id: 7))));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.5")]
    [InlineData("127.200.3.4")]
    [InlineData("::1")]
    public async Task A_reply_leaves_from_the_address_that_was_asked(string asked)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.IPv6Any);
        using var client = new UdpAsker(new IPEndPoint(IPAddress.Parse(asked), server.Address.Port));
        foreach (string name in (string[])["now.example.", "hop.example."])
        {
            Assert.Single(new ParsedMessage(await client.AskAsync(Ask.For(name))).Records);
        }
    }

    [Fact]
    public async Task A_reply_leaves_from_the_address_that_was_asked_of_an_IPv4_wildcard()
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Any);
        using var client = new UdpAsker(new IPEndPoint(IPAddress.Parse("127.0.0.9"), server.Address.Port));
        Assert.Single(new ParsedMessage(await client.AskAsync(Ask.For("now.example."))).Records);
    }

    [Fact]
    public async Task Every_socket_of_an_address_answers()
    {
        await using Listening server = await Listening.StartAsync(settings: Listening.Settings with { Sockets = 4 });
        for (int i = 0; i < 60; i++)
        {
            // The kernel chooses the socket by the client's port.
            using var client = new UdpAsker(server.Address);
            await client.AskAsync(Ask.For("now.example."));
        }
    }

    [Fact]
    public async Task Two_servers_are_never_given_the_same_free_port()
    {
        List<Listening> servers = [];
        try
        {
            await Parallel.ForAsync(0, 40, async (_, _) =>
            {
                Listening server = await Listening.StartAsync();
                lock (servers)
                {
                    servers.Add(server);
                }
            });
            Assert.Equal(40, servers.Select(s => s.Address.Port).Distinct().Count());
            Assert.All(servers, s => Assert.Equal(s.Udp.Address, s.Tcp.Address));
        }
        finally
        {
            foreach (Listening server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    [Fact]
    public void An_IPv6_socket_protects_its_IPv4_clients_from_path_MTU_poisoning()
    {
        (Socket[] udp, Socket tcp) = BoundSockets.Open(new IPEndPoint(IPAddress.IPv6Any, 0), 1);
        using (udp[0])
        using (tcp)
        {
            byte[] value = new byte[4];
            udp[0].GetRawSocketOption(0, 10, value);
            Assert.Equal(5, value[0]);
            udp[0].GetRawSocketOption(41, 23, value);
            Assert.Equal(5, value[0]);
        }
    }
}
