using System.Net;
using System.Net.Sockets;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Running;

/// <summary>One configuration takes the place of another.</summary>
public class ReloadTests
{
    [Fact]
    public async Task The_sockets_stay_and_the_answers_change()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n whoami\n}\n");
        IPEndPoint address = server.Address;
        using var udp = new UdpAsker(address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(address);
        Assert.Equal((DnsResponseCode.NoError, DnsResponseCode.Refused), await BothAsync("a.", "b."));

        Assert.True(await server.ReloadAsync("b:0 {\n bind 127.0.0.1\n whoami\n}\n"));
        Assert.Equal(address, server.Address);
        Assert.Equal((DnsResponseCode.Refused, DnsResponseCode.NoError), await BothAsync("a.", "b."));

        async Task<(DnsResponseCode First, DnsResponseCode Second)> BothAsync(string first, string second)
        {
            var codes = new List<DnsResponseCode>();
            foreach (string name in (string[])[first, second])
            {
                DnsResponseCode code = new ParsedMessage(await udp.AskAsync(Ask.For(name))).Code;
                Assert.Equal(code, new ParsedMessage(await tcp.AskAsync(Ask.For(name))).Code);
                codes.Add(code);
            }

            return (codes[0], codes[1]);
        }
    }

    [Theory]
    [InlineData("a:0 {\n bind 127.0.0.1\n nonsense\n}\n", "unknown directive")]
    [InlineData("a:0 {\n bind 127.0.0.1\n", "never closed")]
    [InlineData("a:TAKEN {\n bind 127.0.0.1\n whoami\n}\n", "already in use")]
    [InlineData("a:0 {\n bind 127.0.0.1\n page TAKEN\n whoami\n}\n", "already in use")]
    [InlineData("a:0 {\n bind 127.0.0.1\n failing\n whoami\n}\n", "on purpose")]
    public async Task Whatever_is_wrong_all_of_the_old_goes_on(string corefile, string reason)
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string port = ((IPEndPoint)taken.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var old = new Component();
        var failing = new Component { FailsToStart = true };
        await using DnsTestServer server = await DnsTestServer.StartAsync(
            "a:0 {\n bind 127.0.0.1\n old\n page 0\n whoami\n}\n",
            plugins: Corefiles.With(Passing("old", s => s.Run(old)), Passing("failing", s => s.Run(failing)), PagePlugin()));
        IPEndPoint page = Assert.Single(server.PageAddresses);

        Assert.False(await server.ReloadAsync(corefile.Replace("TAKEN", port, StringComparison.Ordinal)));
        Assert.Contains(server.Log.Lines, l => l.Contains("goes on", StringComparison.Ordinal) && l.Contains(reason, StringComparison.Ordinal) && l.Contains("Corefile:", StringComparison.Ordinal) | reason == "on purpose");
        Assert.Equal(1, server.Metrics.Counter("coredns_reload_failed_total", "").Value);
        Assert.Equal(0, old.Ended);
        using var client = new UdpAsker(server.Address);
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await client.AskAsync(Ask.For("a."))).Code);
        Assert.Equal(page, Assert.Single(server.PageAddresses));
        using var http = new HttpClient();
        Assert.Equal("page", await http.GetStringAsync(new Uri($"http://{page}/page")));
    }

    [Fact]
    public async Task Components_of_the_old_end_after_those_of_the_new_have_started_and_the_last_query_is_answered()
    {
        var events = new List<string>();
        var scripted = new ScriptedPlugin();
        await using DnsTestServer server = await DnsTestServer.StartAsync(
            "a:0 {\n bind 127.0.0.1\n one\n scripted\n}\n",
            plugins: Corefiles.With(Passing("one", s => s.Run(new Noted("one", events))), Passing("two", s => s.Run(new Noted("two", events))), scripted));
        using var udp = new UdpAsker(server.Address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(server.Address);
        udp.Send(Ask.For("held.a.", 1));
        await tcp.SendAsync(Ask.For("held.a.", 2));
        await Eventually.TrueAsync(() => scripted.Held == 2, "two queries wait");

        Task<bool> reload = server.ReloadAsync("a:0 {\n bind 127.0.0.1\n two\n scripted\n}\n");
        await Eventually.TrueAsync(() => Seen().Contains("start two"), "the new component is started");
        using var other = new UdpAsker(server.Address);
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await other.AskAsync(Ask.For("a."))).Code);
        Assert.False(reload.IsCompleted);
        Assert.DoesNotContain("end one", Seen());

        scripted.Release();
        Assert.Equal(1, Ask.Id(await udp.ReceiveAsync()));
        Assert.Equal(2, Ask.Id((await tcp.ReceiveAsync())!));
        Assert.True(await reload.WaitAsync(Eventually.Patience));
        Assert.Equal(["start one", "start two", "end one"], Seen());

        string[] Seen()
        {
            lock (events)
            {
                return [.. events];
            }
        }
    }

    [Fact]
    public async Task Addresses_come_and_go()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n whoami\n}\n");
        IPEndPoint first = server.Address;
        int port = first.Port;

        // From one address to all of them and back, on one port: our own sockets are not in our way.
        Assert.True(await server.ReloadAsync($"a:{port} {{\n whoami\n}}\n"));
        foreach (string address in (string[])["127.0.0.1", "127.0.0.7", "::1"])
        {
            using var client = new UdpAsker(new IPEndPoint(IPAddress.Parse(address), port));
            Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await client.AskAsync(Ask.For("a."))).Code);
            using TcpClientStream tcp = await TcpClientStream.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port));
            Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await tcp.AskAsync(Ask.For("a."))).Code);
        }

        Assert.True(await server.ReloadAsync($"a:{port} {{\n bind 127.0.0.9\n whoami\n}}\n"));
        Assert.Equal("127.0.0.9", Assert.Single(server.Addresses).Address.ToString());
        using var gone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => gone.ConnectAsync(IPAddress.Loopback, port));
    }

    [Fact]
    public async Task Gauges_belong_to_the_configuration_that_runs_and_counters_go_on()
    {
        IDnsPlugin counting = Passing("counting", s =>
        {
            string which = s.Directives[0].Arguments[0].Text;
            s.Services.Metrics.Gauge("which", "", () => 1, ("name", which));
            s.Services.Metrics.Counter("setups", "").Increment();
        });
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n counting one\n}\n", plugins: Corefiles.With(counting));
        Assert.Equal("one", Which());
        Assert.False(await server.ReloadAsync("a:0 {\n bind 127.0.0.1\n counting two\n nonsense\n}\n"));
        Assert.Equal("one", Which());
        Assert.True(await server.ReloadAsync("a:0 {\n bind 127.0.0.1\n counting three\n}\n"));
        Assert.Equal("three", Which());
        Assert.Equal(3, server.Metrics.Counter("setups", "").Value);

        string Which() => Assert.Single(server.Metrics.Snapshot(), s => s.Name == "which").Labels[0].Value;
    }

    [Fact]
    public async Task Nothing_is_lost_while_configurations_change_under_load()
    {
        const int UdpClients = 8;
        const int TcpClients = 8;
        const int Reloads = 60;
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n whoami\n}\nextra:0 {\n bind 127.0.0.2\n whoami\n}\n");
        using var end = new CancellationTokenSource();
        long asked = 0;
        Task[] clients = [.. Enumerable.Range(0, UdpClients + TcpClients).Select(i => Task.Run(() => i < UdpClients ? UdpAsync() : TcpAsync()))];
        string[] corefiles =
        [
            "a:0 {\n bind 127.0.0.1\n whoami\n}\n",
            "a:0 {\n bind 127.0.0.1\n whoami\n}\nextra:0 {\n bind 127.0.0.2\n whoami\n}\n",
            "a:0 {\n bind 127.0.0.1\n multisocket 3\n cache 10\n whoami\n}\n",
            "a:0 {\n bind 127.0.0.1\n nonsense\n}\n",
            ".:0 {\n bind 127.0.0.1\n errors\n log\n whoami\n}\n",
        ];
        for (int i = 0; i < Reloads; i++)
        {
            Assert.Equal(i % 5 != 3, await server.ReloadAsync(corefiles[i % 5]));
        }

        await end.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Eventually.Patience);
        Assert.True(asked > Reloads, "the clients asked all the time");

        async Task UdpAsync()
        {
            using var client = new UdpAsker(server.Address);
            for (ushort id = 0; !end.IsCancellationRequested; id++)
            {
                // Each question once: a lost one ends the test.
                client.Send(Ask.For("a.", id));
                byte[] reply = await client.ReceiveAsync();
                Assert.Equal((id, DnsResponseCode.NoError), (Ask.Id(reply), new ParsedMessage(reply).Code));
                Interlocked.Increment(ref asked);
            }
        }

        async Task TcpAsync()
        {
            using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
            for (ushort id = 0; !end.IsCancellationRequested; id++)
            {
                byte[] reply = await client.AskAsync(Ask.For("a.", id));
                Assert.Equal((id, DnsResponseCode.NoError), (Ask.Id(reply), new ParsedMessage(reply).Code));
                Interlocked.Increment(ref asked);
            }
        }
    }

    [Fact]
    public async Task Nothing_is_lost_when_sockets_take_over_from_one_another()
    {
        const int Clients = 8;
        const int Rounds = 8;
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n whoami\n}\n", plugins: Corefiles.With(Passing("failing", s => s.Run(new Component { FailsToStart = true }))));
        int port = server.Address.Port;
        var address = new IPEndPoint(IPAddress.Loopback, port);
        using var end = new CancellationTokenSource();
        long asked = 0;
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(i => Task.Run(AskAsync))];

        // All addresses, one of them, both, more and fewer sockets; and back to what was when the new one cannot start.
        (string Corefile, bool IsGood)[] changes =
        [
            ($"a:{port} {{\n whoami\n}}\n", true),
            ($"a:{port} {{\n bind 127.0.0.1\n whoami\n}}\n", true),
            ($"a:{port} {{\n bind 127.0.0.1\n multisocket 5\n whoami\n}}\n", true),
            ($"a:{port} {{\n bind 127.0.0.1\n multisocket 1\n whoami\n}}\n", true),
            ($"a:{port} {{\n whoami\n}}\n", true),
            ($"a:{port} {{\n bind 127.0.0.1\n failing\n whoami\n}}\n", false),
            ($"a:{port} {{\n bind 0.0.0.0\n whoami\n}}\nb:{port} {{\n bind 127.0.0.1\n whoami\n}}\na:{port} {{\n bind 127.0.0.1\n whoami\n}}\n", true),
            ($"a:{port} {{\n multisocket 4\n whoami\n}}\n", true),
            ($"a:{port} {{\n multisocket 2\n whoami\n}}\n", true),
        ];
        for (int i = 0; i < Rounds * changes.Length; i++)
        {
            (string corefile, bool isGood) = changes[i % changes.Length];
            Assert.Equal(isGood, await server.ReloadAsync(corefile));
            Assert.All(clients, c => Assert.False(c.IsFaulted, c.Exception?.ToString()));
        }

        await end.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Eventually.Patience);
        Assert.True(asked > Rounds * changes.Length, "the clients asked all the time");

        async Task AskAsync()
        {
            while (!end.IsCancellationRequested)
            {
                // Another port each time, so that every socket is met.
                using var client = new UdpAsker(address);
                for (ushort id = 0; id < 20; id++)
                {
                    client.Send(Ask.For("a.", id));
                    byte[] reply = await client.ReceiveAsync();
                    Assert.Equal((id, DnsResponseCode.NoError), (Ask.Id(reply), new ParsedMessage(reply).Code));
                    Interlocked.Increment(ref asked);
                }
            }
        }
    }

    [Fact]
    public async Task As_many_sockets_as_the_configuration_says_share_an_address()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n multisocket 2\n whoami\n}\n");
        foreach (int count in (int[])[5, 1, 3, 2])
        {
            Assert.True(await server.ReloadAsync($"a:0 {{\n bind 127.0.0.1\n multisocket {count}\n whoami\n}}\n"));
            Assert.Equal(count, SocketsAt(server.Address.Port));
        }

        static int SocketsAt(int port) => File.ReadLines("/proc/net/udp").Count(l => l.Contains($":{port:X4} 00000000:0000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_replaced_is_let_go_of()
    {
        List<WeakReference> setups = [];
        IDnsPlugin keeping = Passing("keeping", s =>
        {
            setups.Add(new WeakReference(s));
            s.Use(next => new Keeping(s, next));
        });
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n keeping\n}\n", plugins: Corefiles.With(keeping));
        for (int i = 0; i < 3; i++)
        {
            Assert.True(await server.ReloadAsync("a:0 {\n bind 127.0.0.1\n keeping\n}\n"));
        }

        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                return !setups[0].IsAlive && !setups[1].IsAlive;
            },
            "the first configurations are collected");
        Assert.True(setups[^1].IsAlive);
    }

    [Fact]
    public async Task A_stop_answers_everything_that_has_arrived()
    {
        const int Count = 100;     // as many datagrams as any socket's buffer holds
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n whoami\n}\n");
        using var udp = new UdpAsker(server.Address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(server.Address);
        await tcp.AskAsync(Ask.For("a."));
        byte[][] messages = [.. Enumerable.Range(0, Count).Select(i => Ask.For("a.", (ushort)i))];
        Array.ForEach(messages, udp.Send);
        await tcp.SendAsync(messages);
        await server.StopAsync();
        for (int i = 0; i < Count; i++)
        {
            await udp.ReceiveAsync();
            Assert.NotNull(await tcp.ReceiveAsync());
        }
    }

    [Fact]
    public async Task A_stop_answers_those_who_have_just_connected()
    {
        const int Count = 200;
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1\n whoami\n}\n");
        List<Socket> clients = [];
        try
        {
            byte[] message = Ask.For("a.", 7);
            byte[] framed = [0, (byte)message.Length, .. message];
            for (int i = 0; i < Count; i++)
            {
                // Blocking calls: the kernel has the connection and the query, whether or not the server has seen them yet.
                var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                clients.Add(client);
                client.Connect(server.Address);
                client.Send(framed);
            }

            Task stop = server.StopAsync();
            foreach (Socket client in clients)
            {
                using var patience = new CancellationTokenSource(Eventually.Patience);
                byte[] reply = new byte[512];
                Assert.True(await client.ReceiveAsync(reply, patience.Token) > 4);
                Assert.Equal(7, Ask.Id(reply.AsSpan(2).ToArray()));
            }

            await stop;
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Every_listener_answers_when_the_server_asks_itself()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync("a:0 {\n bind 127.0.0.1 ::1\n whoami\n}\nb:0 {\n whoami\n}\n");
        Assert.Equal(3, server.Addresses.Count);
        using var patience = new CancellationTokenSource(Eventually.Patience);
        Assert.Empty(await server.Services.Server.CheckListenersAsync(patience.Token));
    }

    private static TestPlugin Passing(string name, Action<PluginSetup> setUp) => new(name, (query, next) => next.HandleAsync(query), setUp);

    private static TestPlugin PagePlugin() => Passing("page", setup => setup.Serve(new HttpSideEndpoint(
        new IPEndPoint(IPAddress.Loopback, int.Parse(setup.Directives[0].Arguments[0].Text, System.Globalization.CultureInfo.InvariantCulture)),
        "/page",
        (_, _) => ValueTask.FromResult(new HttpSideReply(200, "page")),
        "page")));

    private sealed class Component : IServerComponent
    {
        public bool FailsToStart { get; init; }

        public int Ended { get; private set; }

        public ValueTask StartAsync(CancellationToken cancellationToken) =>
            FailsToStart ? throw new InvalidOperationException("failed on purpose") : ValueTask.CompletedTask;

        public ValueTask DisposeAsync()
        {
            Ended++;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A handler that keeps its setup, as a closure may.</summary>
    private sealed class Keeping(PluginSetup setup, IDnsHandler next) : IDnsHandler
    {
        public PluginSetup Setup { get; } = setup;

        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => next.HandleAsync(query);
    }

    private sealed class Noted(string name, List<string> events) : IServerComponent
    {
        public ValueTask StartAsync(CancellationToken cancellationToken) => Note("start ");

        public ValueTask DisposeAsync() => Note("end ");

        private ValueTask Note(string what)
        {
            lock (events)
            {
                events.Add(what + name);
            }

            return ValueTask.CompletedTask;
        }
    }
}
