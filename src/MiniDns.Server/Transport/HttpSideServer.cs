using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MiniDns.Plugins;
using MiniDns.Server.Running;

namespace MiniDns.Server.Transport;

/// <summary>The HTTP pages of one address: health, readiness, metrics.</summary>
/// <remarks>Kestrel by itself, without the web application around it: pages have no routes, no files and no settings.</remarks>
internal sealed class HttpSideServer : IHttpApplication<DefaultHttpContext>, IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly KestrelServer _server;
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
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 256;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        options.Listen(Address, static o => o.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { CreateBoundListenSocket = _ => socket }),
            NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
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

    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(this, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(StopPatience))
        {
            await _server.StopAsync(patience.Token).ConfigureAwait(false);
        }

        _server.Dispose();

        // Kestrel closes it only when it was started.
        _socket.Dispose();
    }

    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures) => new(contextFeatures);

    public async Task ProcessRequestAsync(DefaultHttpContext context)
    {
        if (!_pages.TryGetValue(context.Request.Path.Value ?? "", out HttpSideEndpoint? page))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        HttpSideReply reply = await page.GetAsync(context.Request.QueryString.Value ?? "", context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        await context.Response.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
    }

    public void DisposeContext(DefaultHttpContext context, Exception? exception)
    {
        // Nothing of a page outlives its reply.
    }
}
