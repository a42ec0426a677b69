using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace MiniDns.Client.Tests;

/// <summary>A DNS over HTTPS server (RFC 8484) of the tests' own.</summary>
internal sealed class FakeHttpsUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _connections = new();

    private FakeHttpsUpstream(WebApplication app) => _app = app;

    public IPEndPoint Address { get; private set; } = null!;

    /// <summary>Method, path and protocol of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Connections => _connections.Count;

    /// <summary>Starts one.</summary>
    /// <param name="certificate">What it shows.</param>
    /// <param name="answer">Makes an answer of a query.</param>
    /// <param name="protocols">Versions of HTTP.</param>
    public static async Task<FakeHttpsUpstream> StartAsync(X509Certificate2 certificate, Func<byte[], HttpResponse, Task<byte[]>> answer, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = protocols;
            l.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
        }));
        WebApplication app = builder.Build();
        var upstream = new FakeHttpsUpstream(app);
        app.Run(async context =>
        {
            upstream.Requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.Protocol}");
            upstream._connections[context.Connection.Id] = true;
            byte[] query;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                query = System.Buffers.Text.Base64Url.DecodeFromChars(context.Request.Query["dns"].ToString());
            }
            else
            {
                Assert.Equal("application/dns-message", context.Request.ContentType);
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                query = body.ToArray();
            }

            context.Response.ContentType = "application/dns-message";
            byte[] reply = await answer(query, context.Response);
            await context.Response.Body.WriteAsync(reply);
        });
        await app.StartAsync();
        upstream.Address = IPEndPoint.Parse(new Uri(app.Urls.Single()).Authority);
        return upstream;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
