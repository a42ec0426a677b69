using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>DNS over HTTPS (RFC 8484), from a Corefile to the client.</summary>
public class HttpsTests
{
    private const string MediaType = "application/dns-message";

    public static TheoryData<string> Versions => ["1.1", "2.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_message_goes_by_POST_and_by_GET(string version)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        using HttpClient client = Client(server.Address, version);
        foreach (HttpRequestMessage request in (HttpRequestMessage[])[Post(Ask.For("example.org.", 7)), Get(Ask.For("example.org.", 7))])
        {
            using HttpResponseMessage response = await SendAsync(client, request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(version, response.Version.ToString());
            Assert.Equal(MediaType, response.Content.Headers.ContentType!.ToString());
            byte[] reply = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(reply.Length, response.Content.Headers.ContentLength);
            Assert.Equal(7, Ask.Id(reply));
            Assert.Contains(new ParsedMessage(reply).Records, r => r.Owner == "_tcp.example.org.");
        }

        Assert.Equal(2, server.Metric("coredns_https_responses_total", ("status", "200"), ("server", $"https://127.0.0.1:0")));
        Assert.Contains("https://.:", server.Server.Banner.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/", null, "", 404)]
    [InlineData("POST", "/dns-query/", MediaType, "", 404)]
    [InlineData("GET", "/dns-query", null, "", 400)]
    [InlineData("GET", "/dns-query?dns=", null, "", 400)]
    [InlineData("GET", "/dns-query?dns=AAAA", null, "", 400)]
    [InlineData("GET", "/dns-query?dns=****", null, "", 400)]
    [InlineData("GET", "/dns-query?dns=AAABAAABAAAAAAAAB2V4YW1wbGUDb3JnAAABAAE=", null, "", 400)]
    [InlineData("GET", "/dns-query?dns=AAABAAABAAAAAAAAB2V4YW1wbGUDb3JnAAABAAE&dns=AAABAAABAAAAAAAAB2V4YW1wbGUDb3JnAAABAAE", null, "", 400)]
    [InlineData("GET", "/dns-query?x=1&dns=AAABAAABAAAAAAAAB2V4YW1wbGUDb3JnAAABAAE", null, "", 200)]
    [InlineData("GET", "/dns-query?dns=AAABAAABAAAAAAAAB2V4YW1wbGUDb3JnAAAB%41AE", null, "", 200)]
    [InlineData("PUT", "/dns-query", MediaType, "", 405)]
    [InlineData("HEAD", "/dns-query", null, "", 405)]
    [InlineData("POST", "/dns-query", "text/plain", "xx", 415)]
    [InlineData("POST", "/dns-query", null, "xx", 415)]
    [InlineData("POST", "/dns-query", MediaType, "", 400)]
    [InlineData("POST", "/dns-query", MediaType, "no message at all", 400)]
    public async Task The_status_says_what_is_wrong(string method, string target, string? type, string body, int status)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        foreach (string version in Versions)
        {
            using HttpClient client = Client(server.Address, version);
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            if (method is "POST" or "PUT")
            {
                request.Content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(body));
                request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            }

            using HttpResponseMessage response = await SendAsync(client, request);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(status == 405 ? ["GET", "POST"] : [], response.Content.Headers.Allow);
        }

        Assert.Equal(2, server.Metric("coredns_https_responses_total"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_message_has_65535_octets_at_most(string version)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        using HttpClient client = Client(server.Address, version);
        Assert.Equal(200, await StatusAsync(client, Post(WithPadding(65535))));
        HttpRequestMessage asksBefore = Post(new byte[65536]);
        asksBefore.Headers.ExpectContinue = true;
        Assert.Equal(413, await StatusAsync(client, asksBefore));
        try
        {
            Assert.Equal(413, await StatusAsync(client, new HttpRequestMessage(HttpMethod.Post, "/dns-query") { Content = Chunked(new byte[200_000]) }));
        }
        catch (HttpRequestException)
        {
            // The server has closed the connection while the client was still sending.
        }

        await Eventually.TrueAsync(() => server.Metric("coredns_https_responses_total", ("status", "413")) == 2, "both are counted");
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("example.org."))));
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(12_000)]
    public async Task A_long_message_goes_by_GET_too(int octets)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        foreach (string version in Versions)
        {
            using HttpClient client = Client(server.Address, version);
            Assert.Equal(200, await StatusAsync(client, Get(WithPadding(octets))));
        }
    }

    [Fact]
    public async Task The_age_is_that_of_the_shortest_lived_record()
    {
        const string Zone = """
            $TTL 1h
            @ SOA ns hostmaster 1 2h 1h 2w 90
              NS ns
            ns A 192.0.2.1
            short 30 A 192.0.2.2
            long A 192.0.2.3
            """;
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        await File.WriteAllTextAsync(server.PathOf("zone"), Zone);
        Assert.True(await server.Server.ReloadAsync(SecureServer.Block("file {DIR}/zone example.org", scheme: "https")));
        using HttpClient client = Client(server.Address, "2.0");
        Assert.Equal(30, await AgeAsync("short.example.org."));
        Assert.Equal(3600, await AgeAsync("long.example.org."));
        Assert.Equal(90, await AgeAsync("nothing.example.org."));
        Assert.Equal(0, await AgeAsync("refused.example.net."));

        async Task<double> AgeAsync(string name)
        {
            using HttpResponseMessage response = await SendAsync(client, Post(Ask.For(name)));
            return response.Headers.CacheControl!.MaxAge!.Value.TotalSeconds;
        }
    }

    [Fact]
    public async Task Many_queries_are_under_way_on_one_connection_of_HTTP_2()
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("scripted", scheme: "https"), scripted);
        using HttpClient client = Client(server.Address, "2.0");
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("now.a."))));
        Task<int>[] held = [.. Enumerable.Range(0, 100).Select(_ => StatusAsync(client, Post(Ask.For("held.a."))))];
        await Eventually.TrueAsync(() => scripted.Held == 100, "all are under way");
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("hop.a."))));
        Assert.Equal(1, server.Metric("minidns_tcp_connections"));
        scripted.Release();
        Assert.All(await Task.WhenAll(held), s => Assert.Equal(200, s));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_the_chain_does_not_answer_or_fails_at_has_a_status_too(string version)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("scripted", scheme: "https"), new ScriptedPlugin());
        using HttpClient client = Client(server.Address, version);
        Assert.Equal(500, await StatusAsync(client, Post(Ask.For("drop.a."))));
        foreach (string name in (string[])["throw.a.", "fault.a."])
        {
            using HttpResponseMessage response = await SendAsync(client, Post(Ask.For(name)));
            Assert.Equal(DnsResponseCode.ServerFailure, new ParsedMessage(await response.Content.ReadAsByteArrayAsync()).Code);
        }

        using HttpResponseMessage large = await SendAsync(client, Post(Ask.For("big-60000.a.")));
        Assert.True((await large.Content.ReadAsByteArrayAsync()).Length > 60_000);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_counted()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("https {\n max_connections 2\n}\nwhoami", scheme: "https"));
        using HttpClient first = Client(server.Address, "1.1");
        using HttpClient second = Client(server.Address, "1.1");
        using HttpClient third = Client(server.Address, "1.1");
        Assert.Equal(200, await StatusAsync(first, Post(Ask.For("a."))));
        Assert.Equal(200, await StatusAsync(second, Post(Ask.For("a."))));
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(third, Post(Ask.For("a."))));
        Assert.Equal(1, server.Metric("minidns_tcp_connections_refused_total"));
    }

    [Fact]
    public async Task Without_TLS_HTTP_1_1_is_spoken_in_plain_text()
    {
        await using SecureServer server = await SecureServer.StartAsync("https://.:0 {\n bind 127.0.0.1\n tls off\n whoami\n}\n");
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.Address}") };
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("a."))));
        using var patience = new CancellationTokenSource(Eventually.Patience);
        Assert.Empty(await server.Server.Services.Server.CheckListenersAsync(patience.Token));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_reload_takes_over_the_socket_and_its_connections(string version)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        using HttpClient client = Client(server.Address, version);
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("example.org."))));
        Assert.True(await server.Server.ReloadAsync(SecureServer.Block("template IN A {\n answer \"{{ .Name }} 60 IN A 192.0.2.7\"\n}", scheme: "https")));
        using HttpResponseMessage response = await SendAsync(client, Post(Ask.For("example.org.")));
        Assert.Single(new ParsedMessage(await response.Content.ReadAsByteArrayAsync()).Records);
        Assert.Equal(1, server.Metric("minidns_tls_handshakes_total", ("result", "made")));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_stop_answers_what_has_come(string version)
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("scripted", scheme: "https"), scripted);
        using HttpClient client = Client(server.Address, version);
        Task<int> held = StatusAsync(client, Post(Ask.For("held.a.")));
        await Eventually.TrueAsync(() => scripted.Held == 1, "the query waits");
        Task stop = server.Server.StopAsync();
        scripted.Release();
        Assert.Equal(200, await held);
        await stop.WaitAsync(Eventually.Patience);
        await Assert.ThrowsAsync<HttpRequestException>(() => StatusAsync(client, Post(Ask.For("now.a."))));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_stop_under_load_leaves_no_request_without_a_response(string version)
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(scheme: "https"));
        IPEndPoint address = server.Address;
        int answered = 0;
        Task<HttpRequestError>[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(AskOnAsync))];
        await Eventually.TrueAsync(() => Volatile.Read(ref answered) > 100, "clients ask");
        await server.Server.StopAsync();

        // Each finds nobody to connect to any more; none lost a response on a connection that it had.
        Assert.All(await Task.WhenAll(clients).WaitAsync(Eventually.Patience), e => Assert.Equal(HttpRequestError.ConnectionError, e));

        async Task<HttpRequestError> AskOnAsync()
        {
            using HttpClient client = Client(address, version);
            while (true)
            {
                try
                {
                    Assert.Equal(200, await StatusAsync(client, Post(Ask.For("example.org."))));
                    Interlocked.Increment(ref answered);
                }
                catch (HttpRequestException e)
                {
                    return e.HttpRequestError;
                }
            }
        }
    }

    [Fact]
    public async Task The_client_is_the_one_that_a_PROXY_header_names()
    {
        var scripted = new ScriptedPlugin();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("proxyproto {\n allow 127.0.0.1\n}\nscripted", scheme: "https"), scripted);
        using HttpClient client = Client(server.Address, "2.0", "PROXY TCP4 192.0.2.9 192.0.2.1 4000 443\r\n"u8.ToArray());
        using HttpResponseMessage response = await SendAsync(client, Post(Ask.For("whose.a.")));
        Assert.Contains("192.0.2.9", System.Text.Encoding.ASCII.GetString(await response.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_of_the_client_is_known_to_plugins()
    {
        string? seen = null;
        var plugin = new TestPlugin("seer", (query, _) =>
        {
            seen = query.TraceParent;
            return new ValueTask<DnsOutcome>(query.Reply(DnsResponseCode.NameError));
        });
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block("seer", scheme: "https"), plugin);
        using HttpClient client = Client(server.Address, "2.0");
        HttpRequestMessage request = Post(Ask.For("a."));
        const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        request.Headers.Add("traceparent", Parent);
        Assert.Equal(200, await StatusAsync(client, request));
        Assert.Equal(Parent, seen);
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("a."))));
        Assert.Null(seen);
    }

    [Fact]
    public async Task A_port_may_become_one_for_another_way_of_asking()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block().Replace(".:0", $".:{port}", StringComparison.Ordinal));
        await using (TlsClientStream dot = await TlsClientStream.ConnectAsync(server.Address))
        {
            await dot.AskAsync(Ask.For("a."));
        }

        Assert.True(await server.Server.ReloadAsync(SecureServer.Block(scheme: "https").Replace(".:0", $".:{port}", StringComparison.Ordinal)));
        using HttpClient client = Client(server.Address, "2.0");
        Assert.Equal(port, server.Address.Port);
        Assert.Equal(200, await StatusAsync(client, Post(Ask.For("a."))));
    }

    private static HttpClient Client(IPEndPoint server, string version, byte[]? preface = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(server, token);
            await socket.SendAsync(preface ?? [], token);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        BaseAddress = new Uri($"https://{SecureServer.Name}"),
        DefaultRequestVersion = Version.Parse(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Eventually.Patience,
    };

    private static HttpRequestMessage Post(byte[] message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/dns-query") { Content = new ByteArrayContent(message) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        return request;
    }

    private static HttpRequestMessage Get(byte[] message) => new(HttpMethod.Get, "/dns-query?dns=" + Base64Url.EncodeToString(message));

    private static StreamContent Chunked(byte[] message)
    {
        var content = new StreamContent(new UnknownLength(message));
        content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        return content;
    }

    private static async Task<int> StatusAsync(HttpClient client, HttpRequestMessage request)
    {
        using HttpResponseMessage response = await SendAsync(client, request);
        return (int)response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            // The client's own default is for requests that it makes itself.
            request.Version = client.DefaultRequestVersion;
            request.VersionPolicy = client.DefaultVersionPolicy;
            return await client.SendAsync(request);
        }
    }

    /// <summary>A query that padding makes so long.</summary>
    private static byte[] WithPadding(int octets)
    {
        byte[] bare = Ask.For("example.org.", edns: 1232);
        int options = octets - bare.Length;
        byte[] message = [.. bare, 0, 12, (byte)((options - 4) >> 8), (byte)(options - 4), .. new byte[options - 4]];
        message[bare.Length - 2] = (byte)(options >> 8);
        message[bare.Length - 1] = (byte)options;
        return message;
    }

    /// <summary>A body whose length is not known beforehand.</summary>
    private sealed class UnknownLength(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
