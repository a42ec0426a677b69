using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>A collector of OpenTelemetry's protocol (HTTP and gRPC) and of Zipkin's, on sockets of the loopback interface.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Collector(WebApplication application) => _application = application;

    /// <summary>What came in: the path, the headers and the message.</summary>
    public ConcurrentQueue<(string Path, Dictionary<string, string> Headers, byte[] Body)> Received { get; } = [];

    /// <summary>Where HTTP is spoken.</summary>
    public string Http => Addresses[0];

    /// <summary>Where gRPC is spoken.</summary>
    public string Grpc => Addresses[1];

    /// <summary>The HTTP status to answer with.</summary>
    public int Status { get; set; } = 200;

    /// <summary>The gRPC status to answer with.</summary>
    public string GrpcStatus { get; set; } = "0";

    /// <summary>The message to answer with.</summary>
    public byte[] Reply { get; set; } = [];

    /// <summary>Set to have every request wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    private string[] Addresses => [.. _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>Starts a collector.</summary>
    /// <param name="certificate">Its certificate, for TLS; clients then must have one too. Null for no TLS.</param>
    public static async Task<Collector> StartAsync(X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(o =>
        {
            foreach (HttpProtocols protocol in (HttpProtocols[])[HttpProtocols.Http1, HttpProtocols.Http2])
            {
                o.Listen(IPAddress.Loopback, 0, l =>
                {
                    l.Protocols = protocol;
                    if (certificate is not null)
                    {
                        l.UseHttps(h =>
                        {
                            h.ServerCertificate = certificate;
                            h.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                            h.ClientCertificateValidation = static (presented, _, _) => presented.Subject.Contains("pusher", StringComparison.Ordinal);
                        });
                    }
                });
            }
        });
        WebApplication application = builder.Build();
        Collector collector = new(application);
        application.Run(collector.TakeAsync);
        await application.StartAsync();
        return collector;
    }

    /// <summary>Waits for a message that has something.</summary>
    public async Task<T> UntilAsync<T>(Func<(string Path, Dictionary<string, string> Headers, byte[] Body)[], T?> find)
        where T : class
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (find([.. Received]) is { } found)
            {
                return found;
            }

            await Task.Delay(10, deadline.Token);
        }
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static byte[] Unpack(byte[] octets)
    {
        using GZipStream gzip = new(new MemoryStream(octets), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static Dictionary<string, string> Headers(HttpContext context) =>
        context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private async Task TakeAsync(HttpContext context)
    {
        using MemoryStream memory = new();
        await context.Request.Body.CopyToAsync(memory);
        byte[] body = memory.ToArray();
        await Gate.WaitAsync(context.RequestAborted);
        if (context.Request.ContentType == "application/grpc")
        {
            Assert.Equal("POST", context.Request.Method);
            Assert.Equal("trailers", context.Request.Headers.TE);
            int length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1));
            Assert.Equal(length, body.Length - 5);
            body = body[0] == 1 ? Unpack(body[5..]) : body[5..];
            context.Response.ContentType = "application/grpc";
            if (GrpcStatus == "0")
            {
                Received.Enqueue((context.Request.Path, Headers(context), body));
                await context.Response.Body.WriteAsync((byte[])[0, 0, 0, 0, (byte)Reply.Length, .. Reply]);
            }

            context.Response.AppendTrailer("grpc-status", GrpcStatus);
            return;
        }

        if (context.Request.Headers.ContentEncoding == "gzip")
        {
            body = Unpack(body);
        }

        context.Response.StatusCode = Status;
        if (Status == 200)
        {
            Received.Enqueue((context.Request.Path, Headers(context), body));
            await context.Response.Body.WriteAsync(Reply);
        }
    }
}
