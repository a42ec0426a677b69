using System.Net;
using System.Net.Sockets;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Hosting;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Running;

/// <summary>A whole server from a Corefile.</summary>
public class ServerTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Serves_UDP_and_TCP_on_the_address_it_is_bound_to(string address)
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync($".:0 {{\n bind {address}\n whoami\n}}\n");
        Assert.Equal(IPAddress.Parse(address), server.Address.Address);
        using var udp = new UdpAsker(server.Address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(server.Address);
        Assert.Contains(new ParsedMessage(await udp.AskAsync(Ask.For("Example.org."))).Records, r => r.Owner == "_udp.Example.org.");
        Assert.Contains(new ParsedMessage(await tcp.AskAsync(Ask.For("Example.org."))).Records, r => r.Owner == "_tcp.Example.org.");
        Assert.Empty(server.Log.Lines);
        await server.StopAsync();
        Assert.Empty(server.Log.Lines);
    }

    [Fact]
    public async Task Without_bind_every_address_is_served()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n whoami\n}\n");
        foreach (string address in (string[])["127.0.0.1", "127.0.0.5", "::1"])
        {
            var at = new IPEndPoint(IPAddress.Parse(address), server.Address.Port);
            using var udp = new UdpAsker(at);
            Assert.Equal(2, new ParsedMessage(await udp.AskAsync(Ask.For("example.org."))).Records.Count);
            using TcpClientStream tcp = await TcpClientStream.ConnectAsync(at);
            Assert.Equal(2, new ParsedMessage(await tcp.AskAsync(Ask.For("example.org."))).Records.Count);
        }
    }

    [Fact]
    public async Task A_name_outside_all_zones_is_refused_over_UDP_and_TCP()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync("example.org:0 {\n bind 127.0.0.1\n whoami\n}\n");
        using var udp = new UdpAsker(server.Address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(server.Address);
        var reply = new ParsedMessage(await udp.AskAsync(Ask.For("Example.COM.", edns: 4096)));
        Assert.Equal(DnsResponseCode.Refused, reply.Code);
        Assert.True(reply.Edns.IsPresent);
        Assert.Equal(Ask.For("Example.COM.")[12..], reply.Question);
        Assert.Equal(DnsResponseCode.Refused, new ParsedMessage(await tcp.AskAsync(Ask.For("example.com."))).Code);
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await tcp.AskAsync(Ask.For("www.example.org."))).Code);
        Assert.Equal(DnsResponseCode.Refused, new ParsedMessage(await tcp.AskAsync(Ask.For("www.example.org.", @class: DnsRecordClass.CH))).Code);
    }

    [Fact]
    public async Task Several_blocks_share_an_address_by_zone()
    {
        int port = FreePort();
        TestPlugin one = Answering("one");
        TestPlugin two = Answering("two");
        await using DnsTestServer server = await DnsTestServer.StartAsync(
            $"example.org:{port} {{\n bind 127.0.0.1\n one\n}}\nsub.example.org:{port} {{\n bind 127.0.0.1\n two\n}}\n",
            plugins: Corefiles.With(one, two));
        Assert.Single(server.Addresses);
        using var client = new UdpAsker(server.Address);
        Assert.Equal("one", await WhoAsync(client, "www.example.org."));
        Assert.Equal("two", await WhoAsync(client, "www.sub.example.org."));
        Assert.Equal("two", await WhoAsync(client, "sub.example.org.", DnsRecordType.NS));
        Assert.Equal("one", await WhoAsync(client, "sub.example.org.", DnsRecordType.DS));
    }

    [Fact]
    public async Task Blocks_of_one_port_on_different_addresses_are_told_apart_a_wildcard_among_them()
    {
        int port = FreePort();
        await using DnsTestServer server = await DnsTestServer.StartAsync(
            $".:{port} {{\n bind 127.0.0.2\n one\n}}\n.:{port} {{\n bind 127.0.0.3 ::1\n two\n}}\n.:{port} {{\n three\n}}\n",
            plugins: Corefiles.With(Answering("one"), Answering("two"), Answering("three")));
        Assert.Equal(4, server.Addresses.Count);
        foreach ((string address, string who) in (ReadOnlySpan<(string, string)>)[("127.0.0.2", "one"), ("127.0.0.3", "two"), ("::1", "two"), ("127.0.0.1", "three"), ("127.0.0.4", "three")])
        {
            var at = new IPEndPoint(IPAddress.Parse(address), port);
            using var udp = new UdpAsker(at);
            using TcpClientStream tcp = TcpClientStream.ConnectAsync(at).GetAwaiter().GetResult();
            Assert.Equal(who, WhoAsync(udp, "example.org.").GetAwaiter().GetResult());
            Assert.Equal(who, Who(tcp.AskAsync(Ask.For("example.org.")).GetAwaiter().GetResult()));
        }

        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_view_decides_between_blocks_of_one_zone()
    {
        int port = FreePort();
        var view = new TestPlugin("view", (query, next) => next.HandleAsync(query), setup => setup.Provide<IViewFilter>(new TypeView(DnsRecordType.MX)));
        await using DnsTestServer server = await DnsTestServer.StartAsync(
            $".:{port} {{\n bind 127.0.0.1\n view\n one\n}}\n.:{port} {{\n bind 127.0.0.1\n two\n}}\n",
            plugins: [new Plugins.Bind.BindPlugin(), view, Answering("one"), Answering("two")]);
        using var client = new UdpAsker(server.Address);
        Assert.Equal("one", await WhoAsync(client, "example.org.", DnsRecordType.MX));
        Assert.Equal("two", await WhoAsync(client, "example.org.", DnsRecordType.A));
    }

    [Fact]
    public async Task An_address_in_use_is_one_clear_line_that_names_its_place()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        StartFailure failure = await Assert.ThrowsAsync<StartFailure>(() => DnsTestServer.StartAsync($"# a comment\n\n  example.org:{port} {{\n bind 127.0.0.1\n whoami\n}}\n"));
        Assert.Matches($@"^.*Corefile:3:3: listen 127\.0\.0\.1:{port}: the address is already in use$", failure.Message);

        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        udp.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        port = ((IPEndPoint)udp.LocalEndPoint!).Port;
        failure = await Assert.ThrowsAsync<StartFailure>(() => DnsTestServer.StartAsync($".:{port} {{\n bind 127.0.0.1\n whoami\n}}\n"));
        Assert.Matches($@"^.*Corefile:1:1: listen 127\.0\.0\.1:{port}: the address is already in use$", failure.Message);
    }

    [Fact]
    public async Task A_second_server_on_the_port_of_a_first_is_told_so_though_sockets_are_shared()
    {
        await using DnsTestServer first = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n whoami\n}\n");
        StartFailure failure = await Assert.ThrowsAsync<StartFailure>(() => DnsTestServer.StartAsync($".:{first.Address.Port} {{\n bind 127.0.0.1\n whoami\n}}\n"));
        Assert.Contains("already in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_not_ours_yet_is_served_when_it_comes_and_the_log_says_so()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 192.0.2.1\n whoami\n}\n");
        Assert.Equal("192.0.2.1", server.Address.Address.ToString());
        Assert.Contains(server.Log.Lines, l => l.Contains("Corefile:1:1: this machine does not have the address 192.0.2.1 (yet)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task So_does_it_of_the_address_of_a_page()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n health 192.0.2.1:0\n whoami\n}\n");
        Assert.Contains(server.Log.Lines, l => l.Contains("Corefile:3:2: this machine does not have the address 192.0.2.1 (yet)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_is_taken_does_not_keep_the_others_from_serving_and_is_had_when_it_is_free()
    {
        var time = new TestTimeProvider();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        await using DnsTestServer server = await DnsTestServer.StartAsync($"a:0 {{\n bind 127.0.0.1\n whoami\n}}\nb:{port} {{\n bind 127.0.0.2\n whoami\n}}\n", time: time);
        using var client = new UdpAsker(server.Address);
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await client.AskAsync(Ask.For("a."))).Code);
        Assert.Contains(server.Log.Lines, l => l.Contains($"Corefile:5:1: listen 127.0.0.2:{port}: the address is already in use; the other", StringComparison.Ordinal));
        Assert.Single(server.Addresses);

        taken.Dispose();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return server.Addresses.Count == 2;
            },
            "the address is served");
        using var late = new UdpAsker(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await late.AskAsync(Ask.For("b."))).Code);
    }

    [Fact]
    public async Task A_failed_start_leaves_nothing_open()
    {
        int port = FreePort();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0));
        taken.Listen();
        var component = new Component { FailsToStart = true };
        foreach (bool isPageTaken in (bool[])[false, true])
        {
            var page = new HttpSideEndpoint((IPEndPoint)taken.LocalEndPoint!, "/", (_, _) => ValueTask.FromResult(new HttpSideReply(200, "")), "failing");
            var plugin = new TestPlugin("failing", (query, next) => next.HandleAsync(query), setup =>
            {
                setup.Run(component);
                if (isPageTaken)
                {
                    setup.Serve(page);
                }
            });
            await Assert.ThrowsAnyAsync<Exception>(() => DnsTestServer.StartAsync($"a:{port} {{\n bind 127.0.0.1\n failing\n}}\n", plugins: Corefiles.With(plugin)));
            FreeAddress.Check(new IPEndPoint(IPAddress.Loopback, port));
        }

        Assert.Equal(1, component.Ended);
    }

    [Fact]
    public async Task Stopping_tells_listeners_first_then_answers_what_is_in_flight()
    {
        var scripted = new ScriptedPlugin();
        var announced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lameDuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = new StopListener(announced, lameDuck.Task);
        var component = new Component();
        var plugin = new TestPlugin("told", (query, next) => next.HandleAsync(query), setup =>
        {
            setup.Provide<IShutdownListener>(listener);
            setup.Run(component);
        });
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n told\n scripted\n}\n", plugins: Corefiles.With(plugin, scripted));
        IPEndPoint address = server.Address;
        using var udp = new UdpAsker(address);
        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(address);
        udp.Send(Ask.For("held.udp.", 1));
        await tcp.SendAsync(Ask.For("held.tcp.", 2));
        await Eventually.TrueAsync(() => scripted.Held == 2, "two queries wait");

        Task stop = server.StopAsync();
        await announced.Task.WaitAsync(Eventually.Patience);

        // The lame duck still answers.
        Assert.Equal(3, Ask.Id(await tcp.AskAsync(Ask.For("now.tcp.", 3))));
        Assert.Equal(0, component.Ended);
        lameDuck.SetResult();
        await Task.Yield();
        scripted.Release();
        Assert.Equal(2, Ask.Id((await tcp.ReceiveAsync())!));
        Assert.Equal(1, Ask.Id(await udp.ReceiveAsync()));
        await stop.WaitAsync(Eventually.Patience);
        Assert.Equal(1, component.Ended);
        FreeAddress.Check(address);
        Assert.Empty(server.Log.Lines);
    }

    [Fact]
    public async Task One_part_that_fails_to_stop_does_not_keep_the_others_open()
    {
        var bad = new Component { FailsToStop = true };
        var good = new Component();
        var plugin = new TestPlugin("parts", (query, next) => query.Refuse() is var o ? new ValueTask<DnsOutcome>(o) : next.HandleAsync(query), setup =>
        {
            setup.Run(good);
            setup.Run(bad);
        });
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n parts\n}\n", plugins: Corefiles.With(plugin));
        await server.StopAsync();
        Assert.Equal(1, good.Ended);
        Assert.Contains("on purpose", Assert.Single(server.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handlers_exception_names_its_plugin_in_the_log()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n errors\n scripted\n}\n", plugins: Corefiles.With(new ScriptedPlugin()));
        using var client = new UdpAsker(server.Address);
        Assert.Equal(DnsResponseCode.ServerFailure, new ParsedMessage(await client.AskAsync(Ask.For("throw.example."))).Code);
        Assert.Contains(server.Log.Lines, l => l.StartsWith("[Error] server: plugin ", StringComparison.Ordinal) && l.Contains("thrown on purpose", StringComparison.Ordinal));
        Assert.Equal(1, server.Metrics.Snapshot().Single(m => m.Name == "coredns_panics_total").Read());
        Assert.Equal(DnsResponseCode.NoError, new ParsedMessage(await client.AskAsync(Ask.For("now.example."))).Code);
    }

    [Fact]
    public async Task Timeouts_of_the_Corefile_take_effect()
    {
        await using DnsTestServer server = await DnsTestServer.StartAsync(".:0 {\n bind 127.0.0.1\n timeouts {\n  maxtcpqueries 2\n }\n whoami\n}\n");
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.AskAsync(Ask.For("a."));
        await client.AskAsync(Ask.For("a."));
        Assert.Null(await client.ReceiveAsync());
    }

    private static TestPlugin Answering(string name) => new(name, (query, _) =>
    {
        query.Response.AddSynthesized(DnsSection.Additional, query.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 0, [(byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name)]);
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    });

    private static async Task<string> WhoAsync(UdpAsker client, string name, DnsRecordType type = DnsRecordType.A) => Who(await client.AskAsync(Ask.For(name, type: type)));

    private static string Who(byte[] reply)
    {
        byte[] rdata = Convert.FromHexString(Assert.Single(new ParsedMessage(reply).Records).Rdata);
        return System.Text.Encoding.ASCII.GetString(rdata, 1, rdata.Length - 1);
    }

    /// <summary>A port that nobody has on any address, for blocks that have to agree on one. Not one of those that the system
    /// gives away, lest it does so meanwhile.</summary>
    private static int FreePort()
    {
        while (true)
        {
            var address = new IPEndPoint(IPAddress.IPv6Any, Random.Shared.Next(10_000, 32_000));
            try
            {
                FreeAddress.Check(address);
                return address.Port;
            }
            catch (SocketException)
            {
                // Somebody has it: another.
            }
        }
    }

    private sealed class TypeView(DnsRecordType type) : IViewFilter
    {
        public string ViewName => "types";

        public bool Matches(DnsQuery query) => query.Type == type;
    }

    private sealed class StopListener(TaskCompletionSource announced, Task wait) : IShutdownListener
    {
        public async ValueTask StoppingAsync(CancellationToken cancellationToken)
        {
            announced.SetResult();
            await wait.WaitAsync(cancellationToken);
        }
    }

    private sealed class Component : IServerComponent
    {
        public bool FailsToStart { get; init; }

        public bool FailsToStop { get; init; }

        public int Ended { get; private set; }

        public ValueTask StartAsync(CancellationToken cancellationToken) => FailsToStart ? throw new InvalidOperationException("on purpose") : ValueTask.CompletedTask;

        public ValueTask DisposeAsync()
        {
            Ended++;
            return FailsToStop ? throw new InvalidOperationException("on purpose") : ValueTask.CompletedTask;
        }
    }
}
