using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MiniDns.Plugins;
using MiniDns.Server.Running;

namespace MiniDns.Server.Transport;

/// <summary>The HTTP pages of one address: health, readiness, metrics.</summary>
internal sealed class HttpSideServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Socket _socket;
    private volatile Dictionary<string, HttpSideEndpoint> _pages = [];

    /// <summary>Makes the server of a bound socket.</summary>
    /// <param name="planned">The address that the configuration gives.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="pages">What is served.</param>
    /// <param name="place">Where the configuration asks for it.</param>
    public HttpSideServer(IPEndPoint planned, Socket socket, IEnumerable<HttpSideEndpoint> pages, ListenPlace place)
    {
        PlannedAddress = planned;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        Place = place;
        _socket = socket;
        Show(pages);
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

    /// <summary>The address that the configuration gives.</summary>
    public IPEndPoint PlannedAddress { get; }

    /// <summary>The address, with the port that a port 0 became.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Where the configuration asks for the address.</summary>
    public ListenPlace Place { get; }

    /// <summary>Serves these pages from the next request on.</summary>
    public void Show(IEnumerable<HttpSideEndpoint> pages) =>
        _pages = pages.DistinctBy(p => p.Path, StringComparer.Ordinal).ToDictionary(p => p.Path, StringComparer.Ordinal);

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
