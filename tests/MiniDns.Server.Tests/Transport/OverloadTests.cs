using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>More queries wait than may.</summary>
public class OverloadTests
{
    private const int Limit = 64;

    private static EndpointSettings Settings => Listening.Settings with { Sockets = 1, MaxWaitingQueries = Limit };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_oldest_are_given_up_for_those_that_come(bool fails)
    {
        await using Listening server = await Listening.StartAsync(settings: Settings with { FailsWhenOverloaded = fails });
        using var client = new UdpAsker(server.Address);
        const int More = 36;
        for (ushort i = 0; i < Limit + More; i++)
        {
            client.Send(Ask.For($"wait-{i}.example.", id: i));
            int sent = i + 1;
            await Eventually.TrueAsync(() => server.Plugin.Asked == sent && server.Plugin.Held == Math.Min(sent, Limit), "the query waits");
        }

        Assert.Equal(More, server.Metric("minidns_overload_drops_total"));
        server.Plugin.Release();
        var codes = new Dictionary<int, DnsResponseCode>();
        while (codes.Count < (fails ? Limit + More : Limit))
        {
            byte[] reply = await client.ReceiveAsync();
            codes.Add(Ask.Id(reply), new ParsedMessage(reply).Code);
        }

        Assert.All(codes, c => Assert.Equal(c.Key < More ? DnsResponseCode.ServerFailure : DnsResponseCode.NoError, c.Value));
        await Eventually.TrueAsync(() => server.Udp.Waiting == 0, "nobody waits");
    }

    [Fact]
    public async Task A_client_with_more_than_its_share_makes_room_before_others()
    {
        await using Listening server = await Listening.StartAsync(settings: Settings with { ClientSharePercent = 25 });
        using var modest = new UdpAsker(server.Address, IPAddress.Parse("127.0.0.2"));
        using var greedy = new UdpAsker(server.Address, IPAddress.Parse("127.0.0.3"));
        const int Few = 10;
        for (ushort i = 0; i < Few + 300; i++)
        {
            (i < Few ? modest : greedy).Send(Ask.For($"wait-{i}.example.", id: i));
            int sent = i + 1;
            await Eventually.TrueAsync(() => server.Plugin.Asked == sent && server.Plugin.Held == Math.Min(sent, Limit), "the query waits");
        }

        server.Plugin.Release();
        var ids = new HashSet<int>();
        while (ids.Count < Few)
        {
            byte[] reply = await modest.ReceiveAsync();
            Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(reply).Code);
            ids.Add(Ask.Id(reply));
        }

        Assert.Equal(Enumerable.Range(0, Few), ids.Order());
    }

    [Fact]
    public async Task Over_TCP_what_would_wait_beyond_the_limit_fails_at_once()
    {
        await using Listening server = await Listening.StartAsync(settings: Settings with { MaxWaitingQueries = 5 });
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        for (ushort i = 0; i < 5; i++)
        {
            await client.SendAsync(Ask.For($"held-{i}.example.", id: i));
        }

        await Eventually.TrueAsync(() => server.Plugin.Held == 5, "five wait");
        byte[] reply = await client.AskAsync(Ask.For("hurry.example.", id: 6));
        Assert.Equal((6, DnsResponseCode.ServerFailure), (Ask.Id(reply), new ParsedMessage(reply).Code));
        Assert.Equal(7, Ask.Id(await client.AskAsync(Ask.For("now.example.", id: 7))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_dropped_is_counted_under_the_name_of_the_address(bool portable)
    {
        await using Listening server = await Listening.StartAsync(settings: Settings with { ShedLabel = "dns://:53" }, portable: portable);
        using var client = new UdpAsker(server.Address);

        // These do not let go when they are given up: at twice the limit nothing more is taken in.
        for (ushort i = 0; i < 2 * Limit; i++)
        {
            client.Send(Ask.For($"held-{i}.example.", id: i));
            int sent = i + 1;
            await Eventually.TrueAsync(() => server.Plugin.Asked == sent, "the query is taken in");
        }

        Assert.Equal(portable ? 0 : Limit, Shed("response"));
        Assert.Equal(0, Shed("query"));
        client.Send(Ask.For("now.example.", id: 1));
        await Eventually.TrueAsync(() => Shed("query") == 1, "the query is not taken in");
        Assert.Equal(2 * Limit, server.Plugin.Asked);

        // Counted where the configuration asks for it only.
        server.Udp.Apply(Settings);
        client.Send(Ask.For("now.example.", id: 1));
        await Eventually.TrueAsync(() => server.Metric("minidns_overload_drops_total") == (portable ? 2 : Limit + 2), "another one is not taken in");
        Assert.Equal(1, Shed("query"));

        double Shed(string reason) => server.Metrics.Snapshot()
            .Where(s => s.Name == "coredns_shed_dropped_total" && s.Labels.SequenceEqual([new("server", "dns://:53"), new("reason", reason)]))
            .Sum(s => s.Read());
    }
}
