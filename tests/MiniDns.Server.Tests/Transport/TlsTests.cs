using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MiniDns.Protocol.Messages;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>DNS over TLS (RFC 7858), from a Corefile to the client.</summary>
public class TlsTests
{
    [Fact]
    public async Task Queries_are_answered_and_the_protocol_is_dot()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        Assert.Equal(new SslApplicationProtocol("dot"), client.Stream.NegotiatedApplicationProtocol);
        for (ushort id = 0; id < 50; id++)
        {
            var reply = new ParsedMessage(await client.AskAsync(Ask.For("example.org.", id)));
            Assert.Equal(id, reply.Header.Id);
            Assert.Contains(reply.Records, r => r.Owner == "_tcp.example.org.");
        }

        Assert.Contains("tls://.:", server.Server.Banner.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Server.Log.Lines);
    }

    [Fact]
    public async Task A_client_that_offers_no_protocol_is_served_and_one_that_offers_another_is_not()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address, protocol: null);
        Assert.Equal(1, Ask.Id(await client.AskAsync(Ask.For("example.org."))));
        await Assert.ThrowsAnyAsync<Exception>(() => TlsClientStream.ConnectAsync(server.Address, protocol: "imap"));
        await Eventually.TrueAsync(() => server.Metric("minidns_tls_handshakes_total", ("result", "failed")) == 1, "a failed handshake is counted");
        Assert.Equal(1, server.Metric("minidns_tls_handshakes_total", ("result", "made"), ("proto", "tls")));
    }

    [Fact]
    public async Task Replies_overtake_queries_that_wait_RFC7766_6_2_1_1()
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("scripted"), scripted);
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("held.a.", 1), Ask.For("now.a.", 2), Ask.For("big-60000.b.", 3), Ask.For("hop.c.", 4));
        Assert.Equal([2, 3, 4], (await IdsAsync(client, 3)).Order());
        scripted.Release();
        Assert.Equal(1, Ask.Id((await client.ReceiveAsync())!));
    }

    [Theory]
    [InlineData("nocert", true, true, true)]
    [InlineData("request", true, true, true)]
    [InlineData("require", false, true, true)]
    [InlineData("verify_if_given", true, true, false)]
    [InlineData("require_and_verify", false, true, false)]
    public async Task Clients_show_what_client_auth_asks_for(string mode, bool without, bool with, bool ofStranger)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(tls: $"ca.pem {{\n client_auth {mode}\n}}"));
        using var stranger = new TestAuthority("somebody else");
        using X509Certificate2 known = Exportable(server.Authority.Issue(["client.example"]));
        using X509Certificate2 unknown = Exportable(stranger.Issue(["client.example"]));
        Assert.Equal(without, await IsAnsweredAsync(server.Address, null));
        Assert.Equal(with, await IsAnsweredAsync(server.Address, known));
        Assert.Equal(ofStranger, await IsAnsweredAsync(server.Address, unknown));

        // The server asks itself whatever clients have to show.
        using var patience = new CancellationTokenSource(Eventually.Patience);
        Assert.Empty(await server.Server.Services.Server.CheckListenersAsync(patience.Token));
    }

    [Fact]
    public async Task A_client_that_stalls_in_the_handshake_is_closed_in_time_and_disturbs_nobody()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("timeouts {\n read 1s\n}\nwhoami"));
        using TcpClientStream silent = await TcpClientStream.ConnectAsync(server.Address);
        using TcpClientStream halfway = await TcpClientStream.ConnectAsync(server.Address);
        await halfway.SendRawAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0 });
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        Assert.Equal(1, Ask.Id(await client.AskAsync(Ask.For("example.org."))));
        await silent.ClosedAsync();
        await halfway.ClosedAsync();
        await Eventually.TrueAsync(() => server.Metric("minidns_tls_handshakes_total", ("result", "late")) == 2, "two handshakes came too late");
    }

    [Fact]
    public async Task Plain_octets_are_no_handshake()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        using TcpClientStream client = await TcpClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("example.org."));
        await client.ClosedAsync();
        await Eventually.TrueAsync(() => server.Metric("minidns_tls_handshakes_total", ("result", "failed")) == 1, "a failed handshake is counted");
    }

    [Fact]
    public async Task The_end_of_a_connection_is_said()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("timeouts {\n maxtcpqueries 2\n}\nwhoami"));
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        await client.AskAsync(Ask.For("a."));
        await client.AskAsync(Ask.For("a."));
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_one_that_waits_for_a_reply_is_not()
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("timeouts {\n idle 1s\n}\nscripted"), scripted);
        await using TlsClientStream idle = await TlsClientStream.ConnectAsync(server.Address);
        await using TlsClientStream waiting = await TlsClientStream.ConnectAsync(server.Address);
        await idle.AskAsync(Ask.For("now.a."));
        await waiting.SendAsync(Ask.For("held.a.", 7));
        Assert.Null(await idle.ReceiveAsync());

        // Reading goes on where the wait was cut short: the octets of a message are not lost.
        await waiting.SendAsync(Ask.For("now.b.", 8));
        Assert.Equal(8, Ask.Id((await waiting.ReceiveAsync())!));
        scripted.Release();
        Assert.Equal(7, Ask.Id((await waiting.ReceiveAsync())!));
    }

    [Fact]
    public async Task A_reload_takes_over_the_socket_and_its_connections()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        await client.AskAsync(Ask.For("example.org."));
        IPEndPoint address = server.Address;
        Assert.True(await server.Server.ReloadAsync(SecureServer.Block("template IN A {\n answer \"{{ .Name }} 60 IN A 192.0.2.7\"\n}")));
        Assert.Equal(address, server.Address);
        Assert.Single(new ParsedMessage(await client.AskAsync(Ask.For("example.org."))).Records);

        // One that has no certificate is not used, and all goes on.
        Assert.False(await server.Server.ReloadAsync("tls://.:0 {\n bind 127.0.0.1\n whoami\n}\n"));
        Assert.Single(new ParsedMessage(await client.AskAsync(Ask.For("example.org."))).Records);
    }

    [Fact]
    public async Task Another_way_of_client_auth_holds_from_the_next_connection_on()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        await using TlsClientStream before = await TlsClientStream.ConnectAsync(server.Address);
        Assert.True(await server.Server.ReloadAsync(SecureServer.Block(tls: "{\n client_auth require\n}")));
        Assert.False(await IsAnsweredAsync(server.Address, null));
        Assert.Equal(1, Ask.Id(await before.AskAsync(Ask.For("example.org."))));
    }

    [Fact]
    public async Task A_stop_answers_what_has_come()
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("scripted"), scripted);
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        await client.SendAsync(Ask.For("held.a.", 5));
        await Eventually.TrueAsync(() => scripted.Held == 1, "the query waits");
        Task stop = server.Server.StopAsync();
        scripted.Release();
        Assert.Equal(5, Ask.Id((await client.ReceiveAsync())!));
        Assert.Null(await client.ReceiveAsync());
        await stop.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task Each_listener_is_asked_whether_it_answers()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block() + "\n" + SecureServer.Block(scheme: "https") + "\n.:0 {\n bind 127.0.0.1\n whoami\n}\n");
        using var patience = new CancellationTokenSource(Eventually.Patience);
        Assert.Empty(await server.Server.Services.Server.CheckListenersAsync(patience.Token));
        Assert.Equal(1, server.Metric("minidns_tls_handshakes_total", ("proto", "tls"), ("result", "made")));
        Assert.Equal(1, server.Metric("coredns_https_responses_total", ("status", "200")));
    }

    [Fact]
    public async Task TLS_1_1_is_not_spoken()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Address);
        await using var stream = new SslStream(new NetworkStream(socket));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = SecureServer.Name,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning disable SYSLIB0039
            EnabledSslProtocols = SslProtocols.Tls11,
#pragma warning restore SYSLIB0039
        };
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync(options));
    }

    /// <summary>A certificate that a client can show: its key survives the handshake on every platform.</summary>
    private static X509Certificate2 Exportable(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static async Task<bool> IsAnsweredAsync(IPEndPoint server, X509Certificate2? certificate)
    {
        try
        {
            await using TlsClientStream client = await TlsClientStream.ConnectAsync(server, certificate);
            await client.SendAsync(Ask.For("example.org."));
            return await client.ReceiveAsync() is { } reply && new ParsedMessage(reply).Code == DnsResponseCode.NoError;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<List<int>> IdsAsync(TlsClientStream client, int count)
    {
        List<int> ids = [];
        while (ids.Count < count)
        {
            ids.Add(Ask.Id((await client.ReceiveAsync())!));
        }

        return ids;
    }
}
