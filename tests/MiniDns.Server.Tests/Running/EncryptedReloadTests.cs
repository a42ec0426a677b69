using System.Net.Http.Headers;
using System.Net.Sockets;
using MiniDns.Server.Tests.Support;

namespace MiniDns.Server.Tests.Running;

/// <summary>Reloads and a stop while clients ask over TLS and HTTPS.</summary>
public class EncryptedReloadTests
{
    [Fact]
    public async Task Reloads_under_load_lose_no_query_and_no_connection()
    {
        string[] corefiles =
        [
            SecureServer.Block() + "\n" + SecureServer.Block(scheme: "https"),
            SecureServer.Block("errors\ncache\nwhoami") + "\n" + SecureServer.Block("cache\nwhoami", scheme: "https") + "\n.:0 {\n bind 127.0.0.1\n whoami\n}\n",
            SecureServer.Block() + "\n" + SecureServer.Block("nothing", scheme: "https"),
        ];
        await using SecureServer server = await SecureServer.StartAsync(corefiles[0]);
        using var stop = new CancellationTokenSource();
        int asked = 0;
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(OverTlsAsync)), .. Enumerable.Range(0, 4).Select(_ => Task.Run(OverHttpsAsync))];
        for (int reload = 1; reload <= 30; reload++)
        {
            int before = Volatile.Read(ref asked);
            Assert.Equal(reload % 3 != 2, await server.Server.ReloadAsync(corefiles[reload % 3]));
            await Eventually.TrueAsync(() => Volatile.Read(ref asked) > before + 20, "clients go on");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Eventually.Patience);

        // Every client had one connection, whatever was reloaded.
        Assert.Equal(8, server.Metric("minidns_tls_handshakes_total", ("result", "made")));

        async Task OverTlsAsync()
        {
            await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Server.Addresses[0]);
            for (ushort id = 0; !stop.IsCancellationRequested; id++)
            {
                Assert.Equal(id, Ask.Id(await client.AskAsync(Ask.For("example.org.", id))));
                Interlocked.Increment(ref asked);
            }
        }

        async Task OverHttpsAsync()
        {
            using var client = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, token) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(server.Server.Addresses[1], token);
                    return new NetworkStream(socket, ownsSocket: true);
                },
                SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            });
            while (!stop.IsCancellationRequested)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{SecureServer.Name}/dns-query")
                {
                    Content = new ByteArrayContent(Ask.For("example.org.")),
                    Version = new Version(2, 0),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/dns-message");
                using HttpResponseMessage response = await client.SendAsync(request);
                Assert.True(response.IsSuccessStatusCode);
                Interlocked.Increment(ref asked);
            }
        }
    }
}
