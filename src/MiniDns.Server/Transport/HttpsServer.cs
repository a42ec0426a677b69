using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MiniDns.Queries;

namespace MiniDns.Server.Transport;

/// <summary>Speaks HTTP/1.1 and HTTP/2 on the connections of one address (Kestrel), which a <see cref="StreamListener"/> accepts, limits and
/// encrypts.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    /// <summary>The longest target of a request, in octets; three quarters of that are the longest message of a GET.</summary>
    private const int LongestTarget = 16 * 1024;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);
    private static readonly object HandedKey = new();

    private readonly HandedConnections _connections;
    private readonly KestrelServerOptions _options;
    private readonly KestrelServer _server;
    private readonly HttpsExchange _exchange;
    private bool _isStarted;
    private int _served;

    /// <summary>Makes the server.</summary>
    /// <param name="address">The address.</param>
    /// <param name="exchange">Answers requests.</param>
    /// <param name="settings">Limits and timeouts.</param>
    public HttpsServer(IPEndPoint address, HttpsExchange exchange, EndpointSettings settings)
    {
        _exchange = exchange;
        _connections = new HandedConnections(address);
        _options = new KestrelServerOptions { AddServerHeader = false };

        // What a connection may have us hold: some requests' headers, and a few bodies. A long message goes by POST.
        _options.Limits.MaxRequestLineSize = LongestTarget;
        _options.Limits.MaxRequestHeadersTotalSize = 2 * LongestTarget;
        _options.Limits.MaxRequestBodySize = DnsQuery.MaxMessageSize;
        _options.Limits.MaxRequestBufferSize = 2 * DnsQuery.MaxMessageSize;
        _options.Limits.Http2.MaxRequestHeaderFieldSize = LongestTarget;
        _options.Limits.Http2.InitialStreamWindowSize = DnsQuery.MaxMessageSize;
        _options.Limits.Http2.InitialConnectionWindowSize = 4 * DnsQuery.MaxMessageSize;
        Apply(settings);
        _options.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(static next => connection => RunAsync(next, connection));
        });
        _server = new KestrelServer(Options.Create(_options), _connections, NullLoggerFactory.Instance);
    }

    /// <summary>Sets the timeouts of connections that come from now on.</summary>
    public void Apply(EndpointSettings settings)
    {
        _options.Limits.KeepAliveTimeout = settings.IdleTimeout;
        _options.Limits.RequestHeadersTimeout = settings.ReadTimeout;
        _options.Limits.Http2.MaxStreamsPerConnection = settings.MaxQueriesPerConnection;
    }

    /// <summary>Starts to take connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(_exchange, cancellationToken).ConfigureAwait(false);
        _isStarted = true;
    }

    /// <summary>How many connections are served.</summary>
    public int ConnectionCount => Volatile.Read(ref _served);

    /// <summary>Serves a connection until it ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="tls">What its octets are inside of; null when they are not encrypted.</param>
    public async Task ServeAsync(ConnectionContext connection, TlsSession? tls)
    {
        var handed = new Handed(tls, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        connection.Items[HandedKey] = handed;
        if (_connections.TryHand(connection))
        {
            Interlocked.Increment(ref _served);
            await handed.End.Task.ConfigureAwait(false);
            Interlocked.Decrement(ref _served);
        }
    }

    /// <summary>Answers what still comes for a moment, each connection's last, then takes no more requests and ends the connections.</summary>
    /// <param name="grace">How long that may take.</param>
    /// <param name="time">The clock.</param>
    public async Task DrainAsync(TimeSpan grace, TimeProvider time)
    {
        long start = time.GetTimestamp();
        _exchange.End();
        while (ConnectionCount > 0 && time.GetElapsedTime(start) < StreamConnection.EagerPatience && time.GetElapsedTime(_exchange.LastRequest) < StreamConnection.StopPatience)
        {
            await Task.Delay(LookInterval, time).ConfigureAwait(false);
        }

        await StopAsync(grace).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        _server.Dispose();
    }

    private async Task StopAsync(TimeSpan grace)
    {
        if (_isStarted)
        {
            using var patience = new CancellationTokenSource(grace);
            await _server.StopAsync(patience.Token).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        var handed = (Handed)connection.Items[HandedKey]!;
        try
        {
            await next(connection).ConfigureAwait(false);
            if (handed.Tls is { } tls)
            {
                await tls.EndAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The client went first.
        }
        finally
        {
            handed.End.TrySetResult();
        }
    }

    private sealed record Handed(TlsSession? Tls, TaskCompletionSource End);
}
