using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>The TCP side of an address: a <see cref="ConnectionAcceptor"/> accepts and moves octets, <see cref="TlsHandshakes"/> encrypts them
/// where that is asked for, a <see cref="StreamConnection"/> speaks DNS (RFC 7766, 7858) or a <see cref="HttpsServer"/> HTTP (RFC 8484).</summary>
internal sealed class StreamListener : IDnsListener
{
    private const string ConnectionsMetric = "minidns_tcp_connections";

    /// <summary>How long a connection may still take over its PROXY header when the server stops.</summary>
    private static readonly TimeSpan HeaderGrace = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a TLS handshake may still take when the server stops.</summary>
    private static readonly TimeSpan HandshakeGrace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly ServerScheme _scheme;
    private readonly ConnectionAcceptor _acceptor;
    private readonly TlsHandshakes? _handshakes;
    private readonly HttpsServer? _http;
    private readonly QueryDispatcher _dispatcher;
    private readonly TimeProvider _time;
    private volatile EndpointSettings _settings;
    private readonly QueryPool _pool = new(receiveSize: 2048, sendSize: 4096, idleLimit: 512);
    private readonly ConcurrentDictionary<IPAddress, int> _clients = new();
    private readonly ConcurrentDictionary<StreamConnection, bool> _connections = new();
    private readonly StripedCounter _turnedAway;
    private readonly ProxyGate _gate;
    private readonly MetricRegistry _metrics;
    private readonly CancellationTokenSource _ending;
    private RoutingTable _routes = RoutingTable.Empty;
    private int _count;
    private int _waiting;
    private volatile bool _draining;

    /// <summary>Makes the listener of a bound socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="services">Clock and metrics.</param>
    /// <param name="settings">Limits and timeouts.</param>
    /// <param name="isLent">True when somebody else holds the socket too, and gives it to the next process.</param>
    /// <param name="scheme">What is spoken.</param>
    public StreamListener(Socket socket, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings, bool isLent = false, ServerScheme scheme = ServerScheme.Dns)
    {
        _scheme = scheme;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _dispatcher = dispatcher;
        _time = services.Time;
        _settings = settings;
        _turnedAway = services.Metrics.Counter(
            "minidns_tcp_connections_refused_total", "TCP connections closed at once because there were too many.");
        _metrics = services.Metrics;
        _metrics.Gauge(ConnectionsMetric, "TCP connections.", () => ConnectionCount, ("address", Address.ToString()));
        _gate = new ProxyGate(services, settings, isStream: true);
        _ending = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        _acceptor = new ConnectionAcceptor(socket, ServeAsync, isLent);
        _handshakes = scheme == ServerScheme.Dns ? null : new TlsHandshakes(services, scheme);
        _http = scheme == ServerScheme.Https ? new HttpsServer(Address, new HttpsExchange(this, dispatcher, _pool, services), settings) : null;
    }

    public IPEndPoint Address { get; }

    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    /// <summary>Sets the limits and timeouts of connections that come from now on.</summary>
    public void Apply(EndpointSettings settings)
    {
        _settings = settings;
        _gate.Apply(settings);
        _http?.Apply(settings);
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_http is not null)
        {
            await _http.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        await _acceptor.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DrainAsync(TimeSpan grace)
    {
        await _acceptor.TurnAwayAsync().ConfigureAwait(false);
        _draining = true;
        _ending.CancelAfter(_settings.Tls is null ? HeaderGrace : HandshakeGrace);

        // Nobody new is accepted from here on; whoever is connected is served until there is nothing more to read.
        Task closing = _acceptor.StopAsync();
        foreach (StreamConnection connection in _connections.Keys)
        {
            connection.StopReading();
        }

        long start = _time.GetTimestamp();
        if (_http is not null)
        {
            // Those who are connecting come to it first; they have until their handshake is given up.
            while (Volatile.Read(ref _count) > _http.ConnectionCount && _time.GetElapsedTime(start) < grace)
            {
                await Task.Delay(LookInterval, _time).ConfigureAwait(false);
            }

            await _http.DrainAsync(grace, _time).ConfigureAwait(false);
        }

        while (Volatile.Read(ref _count) > 0 && _time.GetElapsedTime(start) < grace)
        {
            await Task.Delay(LookInterval, _time).ConfigureAwait(false);
        }

        foreach (StreamConnection connection in _connections.Keys)
        {
            connection.Abort();
        }

        await closing.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _metrics.Remove(ConnectionsMetric, ("address", Address.ToString()));
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_http is not null)
        {
            await _http.DisposeAsync().ConfigureAwait(false);
        }

        await _acceptor.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    /// <summary>How many connections there are.</summary>
    internal int ConnectionCount => Volatile.Read(ref _count);

    internal RoutingTable Routes => Volatile.Read(ref _routes);

    /// <summary>The routes for one message, which is counted as under way in them; the caller says when it is done.</summary>
    internal RoutingTable EnterRoutes()
    {
        while (true)
        {
            RoutingTable routes = Routes;
            routes.Use.Enter();
            if (ReferenceEquals(routes, Routes))
            {
                return routes;
            }

            // New routes came between the two; the old ones may be about to be retired.
            routes.Use.Leave();
        }
    }

    /// <summary>False when as many queries of all connections wait as may.</summary>
    internal bool MayWait => Volatile.Read(ref _waiting) < _settings.MaxWaitingQueries;

    /// <summary>Counts a query that waits.</summary>
    internal void Enter() => Interlocked.Increment(ref _waiting);

    /// <summary>Counts a query that waits no longer.</summary>
    internal void Leave() => Interlocked.Decrement(ref _waiting);

    private async Task ServeAsync(ConnectionContext context)
    {
        if (Interlocked.Increment(ref _count) > _settings.MaxConnections)
        {
            _turnedAway.Increment();
            Interlocked.Decrement(ref _count);
            return;
        }

        try
        {
            // Who the client is comes first: its connections are counted, not those of the proxy before it.
            if (_gate.WhenOn is { } gate && !await gate.TryTakeAsync(context, _settings.ReadTimeout, _ending.Token).ConfigureAwait(false))
            {
                return;
            }

            await ServeClientAsync(context, ((IPEndPoint)context.RemoteEndPoint!).Address).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private async Task ServeClientAsync(ConnectionContext context, IPAddress client)
    {
        try
        {
            if (_clients.AddOrUpdate(client, 1, static (_, n) => n + 1) > _settings.MaxConnectionsPerClient)
            {
                _turnedAway.Increment();
                return;
            }

            await ServeOctetsAsync(context).ConfigureAwait(false);
        }
        finally
        {
            if (_clients.AddOrUpdate(client, 0, static (_, n) => n - 1) <= 0)
            {
                _clients.TryRemove(new KeyValuePair<IPAddress, int>(client, 0));
            }
        }
    }

    private async Task ServeOctetsAsync(ConnectionContext context)
    {
        TlsSession? session = null;
        if (_handshakes is not null && _settings.Tls is { } tls)
        {
            session = await _handshakes.TryMakeAsync(context, tls, _settings.ReadTimeout, _ending.Token).ConfigureAwait(false);
            if (session is null)
            {
                return;
            }
        }

        try
        {
            await (_http is null ? ServeMessagesAsync(context, session) : _http.ServeAsync(context, session)).ConfigureAwait(false);
        }
        finally
        {
            if (session is not null)
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task ServeMessagesAsync(ConnectionContext context, TlsSession? session)
    {
        DnsTransport transport = _scheme == ServerScheme.Dns ? DnsTransport.Tcp : DnsTransport.Tls;
        using var connection = new StreamConnection(context, session, transport, this, _dispatcher, _pool, _time, _settings);
        _connections.TryAdd(connection, true);
        if (_draining)
        {
            // The drain may have looked before this connection was on the list.
            connection.StopReading();
        }

        try
        {
            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
