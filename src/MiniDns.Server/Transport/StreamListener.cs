using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>The TCP side of an address: a <see cref="ConnectionAcceptor"/> accepts and moves octets, a <see cref="StreamConnection"/> speaks DNS (RFC 7766).</summary>
internal sealed class StreamListener : IDnsListener
{
    private const string ConnectionsMetric = "minidns_tcp_connections";

    /// <summary>How long a connection may still take over its PROXY header when the server stops.</summary>
    private static readonly TimeSpan HeaderGrace = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionAcceptor _acceptor;
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
    public StreamListener(Socket socket, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings, bool isLent = false)
    {
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
    }

    public IPEndPoint Address { get; }

    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    /// <summary>Sets the limits and timeouts of connections that come from now on.</summary>
    public void Apply(EndpointSettings settings)
    {
        _settings = settings;
        _gate.Apply(settings);
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken) =>
        await _acceptor.StartAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask DrainAsync(TimeSpan grace)
    {
        await _acceptor.TurnAwayAsync().ConfigureAwait(false);
        _draining = true;
        _ending.CancelAfter(HeaderGrace);

        // Nobody new is accepted from here on; whoever is connected is served until there is nothing more to read.
        Task closing = _acceptor.StopAsync();
        foreach (StreamConnection connection in _connections.Keys)
        {
            connection.StopReading();
        }

        long start = _time.GetTimestamp();
        while (Volatile.Read(ref _count) > 0 && _time.GetElapsedTime(start) < grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
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

            using var connection = new StreamConnection(context, this, _dispatcher, _pool, _time, _settings);
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
        finally
        {
            if (_clients.AddOrUpdate(client, 0, static (_, n) => n - 1) <= 0)
            {
                _clients.TryRemove(new KeyValuePair<IPAddress, int>(client, 0));
            }
        }
    }
}
