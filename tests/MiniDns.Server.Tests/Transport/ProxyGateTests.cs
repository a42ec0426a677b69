using System.Net;
using System.Text;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>Headers on real sockets; both UDP workers and TCP.</summary>
public class ProxyGateTests
{
    private const string Client = "192.0.2.1:40000";
    private const string Target = "192.0.2.53:53";

    [Theory]
    [InlineData(false, "127.0.0.1")]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "::1")]
    public async Task A_datagram_is_the_clients_and_its_reply_goes_to_the_proxy(bool portable, string address)
    {
        await using Listening server = await Listening.StartAsync(IPAddress.Parse(address), Settings(), portable);
        using var proxy = new UdpAsker(server.Address);
        foreach ((string client, string target) in ((string, string)[])[(Client, Target), ("[2001:db8::1]:40001", "[2001:db8::53]:53")])
        {
            Assert.Equal($"{client} {target}", Text(await proxy.AskAsync(Ask.For("whose.example."), ProxyHeaders.Binary(client, target, isStream: false, 4, 0, 1, 0))));
        }

        // A query that waits is still the client's, and a header that tells nobody leaves the proxy.
        Assert.Equal(3, Ask.Id(await proxy.AskAsync(Ask.For("hop.example.", id: 3), ProxyHeaders.Binary(Client, Target))));
        Assert.Equal(proxy.Local.ToString(), Text(await proxy.AskAsync(Ask.For("whose.example."), ProxyHeaders.Raw(ProxyHeaders.Local, 0, []))).Split(' ')[0]);
        Assert.Equal(proxy.Local.ToString(), Text(await proxy.AskAsync(Ask.For("whose.example."))).Split(' ')[0]);
        Assert.Equal(4, Count(server, "udp", "used"));
        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_malformed_datagram_is_dropped_and_counted(bool portable)
    {
        await using Listening server = await Listening.StartAsync(settings: Settings() with { Sockets = 1 }, portable: portable);
        using var proxy = new UdpAsker(server.Address);
        byte[][] malformed =
        [
            Behind(ProxyHeaders.Binary(Client, Target, isStream: true), "whose.example.", id: 1),
            Behind(ProxyHeaders.Line("PROXY TCP4 192.0.2.1 192.0.2.53 40000 53"), "whose.example.", id: 1),
            Behind(ProxyHeaders.Raw(0x31, 0x12, new byte[12]), "whose.example.", id: 1),
            ProxyHeaders.Binary(Client, Target)[..20],
            ProxyHeaders.Signature,
        ];
        foreach (byte[] datagram in malformed)
        {
            proxy.Send(datagram);
        }

        Assert.Equal(2, Ask.Id(await proxy.AskAsync(Ask.For("now.example.", id: 2))));
        Assert.Equal(malformed.Length, Count(server, "udp", "malformed"));
        Assert.Equal(1, server.Plugin.Asked);
        Assert.Contains("malformed", Assert.Single(server.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_allowed_is_treated_as_the_policy_says()
    {
        byte[] datagram = Behind(ProxyHeaders.Binary(Client, Target), "whose.example.", id: 7);
        foreach (ProxyHeaderPolicy policy in Enum.GetValues<ProxyHeaderPolicy>())
        {
            await using Listening server = await Listening.StartAsync(settings: Settings(policy) with { Sockets = 1 });
            using var friend = new UdpAsker(server.Address, IPAddress.Parse("127.0.0.1"));
            using var stranger = new UdpAsker(server.Address, IPAddress.Parse("127.0.0.2"));
            using TcpClientStream connection = await TcpClientStream.ConnectAsync(server.Address, from: IPAddress.Parse("127.0.0.2"));
            Assert.Equal($"{Client} {Target}", Text(await friend.AskAsync(Ask.For("whose.example."), ProxyHeaders.Binary(Client, Target))));
            await connection.SendRawAsync(ProxyHeaders.Binary(Client, Target, isStream: true));
            await connection.SendAsync(Ask.For("whose.example.", id: 8));
            byte[]? overTcp = policy == ProxyHeaderPolicy.Skip ? null : await connection.ReceiveAsync();
            stranger.Send(datagram);
            switch (policy)
            {
                case ProxyHeaderPolicy.Use:
                    Assert.Equal($"{Client} {Target}", Text(await stranger.ReceiveAsync()));
                    Assert.Equal($"{Client} {Target}", Text(overTcp!));
                    break;
                case ProxyHeaderPolicy.Ignore:
                    Assert.StartsWith($"{stranger.Local} ", Text(await stranger.ReceiveAsync()), StringComparison.Ordinal);
                    Assert.StartsWith($"{connection.Socket.LocalEndPoint} ", Text(overTcp!), StringComparison.Ordinal);
                    Assert.Equal((1, 1), (Count(server, "udp", "ignored"), Count(server, "tcp", "ignored")));
                    break;
                case ProxyHeaderPolicy.Reject:
                    Assert.Null(overTcp);
                    await Eventually.TrueAsync(() => (Count(server, "udp", "rejected"), Count(server, "tcp", "rejected")) == (1, 1), "both are rejected");
                    Assert.StartsWith($"{stranger.Local} ", Text(await stranger.AskAsync(Ask.For("whose.example."))), StringComparison.Ordinal);
                    break;
                default:
                    // The header's first octets make a message of opcode 1, with one question that cannot be read.
                    Assert.Equal(0x0D0A, Ask.Id(await stranger.ReceiveAsync()));
                    break;
            }
        }
    }

    [Fact]
    public async Task A_header_by_itself_begins_a_session()
    {
        var time = new TestTimeProvider();
        EndpointSettings settings = Settings(session: TimeSpan.FromSeconds(28));
        await using Listening server = await Listening.StartAsync(settings: settings, time: time);
        using var proxy = new UdpAsker(server.Address);
        proxy.Send(ProxyHeaders.Binary(Client, Target));
        await Eventually.TrueAsync(() => Count(server, "udp", "used") == 1, "the header comes");
        for (int i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(28));
            Assert.Equal($"{Client} {Target}", Text(await proxy.AskAsync(Ask.For("whose.example."))));
        }

        // It belongs to the listener: other routes and limits do not end it.
        server.Udp.Apply(settings with { MaxWaitingQueries = 100 });
        Assert.Equal($"{Client} {Target}", Text(await proxy.AskAsync(Ask.For("whose.example."))));
        using var other = new UdpAsker(server.Address);
        Assert.StartsWith($"{other.Local} ", Text(await other.AskAsync(Ask.For("whose.example."))), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.StartsWith($"{proxy.Local} ", Text(await proxy.AskAsync(Ask.For("whose.example."))), StringComparison.Ordinal);
        Assert.Equal(4, Count(server, "udp", "remembered"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task A_connection_is_the_clients_however_its_header_comes(int piece)
    {
        await using Listening server = await Listening.StartAsync(settings: Settings());
        byte[][] headers = [ProxyHeaders.Binary(Client, Target, isStream: true, new byte[100]), ProxyHeaders.Line("PROXY TCP4 192.0.2.1 192.0.2.53 40000 53")];
        foreach (byte[] header in headers)
        {
            using TcpClientStream proxy = await TcpClientStream.ConnectAsync(server.Address);
            byte[] all = [.. header, .. TcpClientStream.Frame(Ask.For("whose.example.", id: 1)), .. TcpClientStream.Frame(Ask.For("whose.example.", id: 2))];
            foreach (byte[] part in all.Chunk(piece))
            {
                await proxy.SendRawAsync(part);
            }

            for (int i = 1; i <= 2; i++)
            {
                byte[]? reply = await proxy.ReceiveAsync();
                Assert.Equal((i, $"{Client} {Target}"), (Ask.Id(reply), Text(reply!)));
            }
        }

        Assert.Equal(2, Count(server, "tcp", "used"));
        using TcpClientStream bare = await TcpClientStream.ConnectAsync(server.Address);
        Assert.StartsWith($"{bare.Socket.LocalEndPoint} ", Text(await bare.AskAsync(Ask.For("whose.example."))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_with_a_malformed_header_is_closed_and_counted()
    {
        await using Listening server = await Listening.StartAsync(settings: Settings());
        foreach (byte[] header in (byte[][])[ProxyHeaders.Binary(Client, Target), ProxyHeaders.Line("PROXY TCP4 192.0.2.1"), ProxyHeaders.Raw(ProxyHeaders.Proxy, 0x11, new byte[5000])])
        {
            using TcpClientStream proxy = await TcpClientStream.ConnectAsync(server.Address);
            await proxy.SendRawAsync((byte[])[.. header, .. TcpClientStream.Frame(Ask.For("whose.example."))]);
            Assert.Null(await proxy.ReceiveAsync());
        }

        Assert.Equal(3, Count(server, "tcp", "malformed"));
        Assert.Equal(0, server.Plugin.Asked);
    }

    [Fact]
    public async Task A_header_has_to_come_in_time()
    {
        var time = new TestTimeProvider();
        await using Listening server = await Listening.StartAsync(settings: Settings(), time: time);
        using TcpClientStream proxy = await TcpClientStream.ConnectAsync(server.Address);
        await proxy.SendRawAsync(ProxyHeaders.Signature);
        await Eventually.TrueAsync(() => server.Tcp.ConnectionCount == 1, "the connection is accepted");
        Task closed = proxy.ClosedAsync();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(Settings().ReadTimeout);
                return closed.IsCompleted;
            },
            "the connection is closed");
        await closed;
        await Eventually.TrueAsync(() => server.Tcp.ConnectionCount == 0, "nobody is connected");
    }

    [Fact]
    public async Task Connections_are_counted_by_client_not_by_proxy()
    {
        await using Listening server = await Listening.StartAsync(settings: Settings() with { MaxConnectionsPerClient = 1 });
        using TcpClientStream first = await TcpClientStream.ConnectAsync(server.Address);
        using TcpClientStream second = await TcpClientStream.ConnectAsync(server.Address);
        using TcpClientStream third = await TcpClientStream.ConnectAsync(server.Address);
        await first.SendRawAsync(ProxyHeaders.Binary("192.0.2.1:1", Target, isStream: true));
        await first.AskAsync(Ask.For("now.example."));
        await second.SendRawAsync(ProxyHeaders.Binary("192.0.2.2:1", Target, isStream: true));
        await second.AskAsync(Ask.For("now.example."));
        await third.SendRawAsync(ProxyHeaders.Binary("192.0.2.2:2", Target, isStream: true));
        await third.SendAsync(Ask.For("now.example."));
        Assert.Null(await third.ReceiveAsync());
    }

    [Fact]
    public async Task A_connection_whose_header_does_not_come_does_not_hold_up_a_stop()
    {
        await using Listening server = await Listening.StartAsync(settings: Settings() with { ReadTimeout = TimeSpan.FromHours(1) });
        using TcpClientStream silent = await TcpClientStream.ConnectAsync(server.Address);
        await Eventually.TrueAsync(() => server.Tcp.ConnectionCount == 1, "the connection is accepted");
        await server.Tcp.DrainAsync(TimeSpan.FromSeconds(20)).AsTask().WaitAsync(Eventually.Patience);
        Assert.Equal(0, server.Tcp.ConnectionCount);
    }

    [Fact]
    public async Task Without_the_directive_a_header_is_not_looked_for()
    {
        await using Listening server = await Listening.StartAsync(settings: Listening.Settings with { Sockets = 1 });
        using var client = new UdpAsker(server.Address);
        client.Send(Behind(ProxyHeaders.Binary(Client, Target), "whose.example."));
        Assert.Equal(0x0D0A, Ask.Id(await client.ReceiveAsync()));
        Assert.Equal(0, server.Plugin.Asked);
        Assert.DoesNotContain(server.Metrics.Snapshot(), s => s.Name.StartsWith("minidns_proxyproto", StringComparison.Ordinal));
    }

    /// <summary>Headers of 127.0.0.1 and ::1 are used, those of others by the policy.</summary>
    private static EndpointSettings Settings(ProxyHeaderPolicy others = ProxyHeaderPolicy.Ignore, TimeSpan session = default)
    {
        ClientNetwork[] allowed = [.. new[] { "127.0.0.1", "::1" }.Select(t => ClientNetwork.TryParse(t, out ClientNetwork? n) ? n.Value : throw new FormatException(t))];
        return Listening.Settings with { ProxyProtocol = new ProxyProtocolOptions(allowed, others) { SessionTime = session } };
    }

    private static byte[] Behind(byte[] header, string name, ushort id = 1) => [.. header, .. Ask.For(name, id)];

    private static string Text(byte[] reply) => Encoding.ASCII.GetString(Convert.FromHexString(Assert.Single(new ParsedMessage(reply).Records).Rdata));

    private static double Count(Listening server, string protocol, string result) => server.Metrics.Snapshot()
        .Where(s => s.Name == "minidns_proxyproto_headers_total" && s.Labels[0].Value == protocol && s.Labels[1].Value == result)
        .Sum(s => s.Read());
}
