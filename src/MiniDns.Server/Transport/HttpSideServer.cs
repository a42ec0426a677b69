using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MiniDns.Plugins;

namespace MiniDns.Server.Transport;

/// <summary>The HTTP pages of one address: health, readiness, metrics.</summary>
internal sealed class HttpSideServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Socket _socket;
    private readonly Dictionary<string, HttpSideEndpoint> _pages;

    /// <summary>Makes the server of a bound socket.</summary>
    public HttpSideServer(Socket socket, IEnumerable<HttpSideEndpoint> pages)
    {
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _socket = socket;
        _pages = pages.DistinctBy(p => p.Path, StringComparer.Ordinal).ToDictionary(p => p.Path, StringComparer.Ordinal);
        _application = KestrelEndpoint.Build(
            socket,
            shutdown: TimeSpan.FromSeconds(1),
            limits: static o =>
            {
                o.Limits.MaxConcurrentConnections = 256;
                o.Limits.MaxRequestBodySize = 0;
                o.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            },
            listen: static o => o.Protocols = HttpProtocols.Http1);
        _application.Run(ServeAsync);
    }

    public IPEndPoint Address { get; }

    public Task StartAsync(CancellationToken cancellationToken) => _application.StartAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);

        // Kestrel closes it only when it was started.
        _socket.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (!_pages.TryGetValue(context.Request.Path.Value ?? "", out HttpSideEndpoint? page))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        HttpSideReply reply = await page.GetAsync(context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        await context.Response.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
