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
    private readonly ConnectionAcceptor _acceptor;
    private readonly QueryDispatcher _dispatcher;
    private readonly TimeProvider _time;
    private volatile EndpointSettings _settings;
    private readonly QueryPool _pool = new(receiveSize: 2048, sendSize: 4096, idleLimit: 512);
    private readonly ConcurrentDictionary<IPAddress, int> _clients = new();
    private readonly ConcurrentDictionary<StreamConnection, bool> _connections = new();
    private readonly StripedCounter _turnedAway;
    private RoutingTable _routes = RoutingTable.Empty;
    private int _count;
    private volatile bool _draining;

    public StreamListener(Socket socket, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings)
    {
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _dispatcher = dispatcher;
        _time = services.Time;
        _settings = settings;
        _turnedAway = services.Metrics.Counter(
            "minidns_tcp_connections_refused_total", "TCP connections closed at once because there were too many.");
        _acceptor = new ConnectionAcceptor(socket, ServeAsync);
    }

    public IPEndPoint Address { get; }

    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    /// <summary>Sets the limits and timeouts of connections that come from now on.</summary>
    public void Apply(EndpointSettings settings) => _settings = settings;

    public async ValueTask StartAsync(CancellationToken cancellationToken) =>
        await _acceptor.StartAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask DrainAsync(TimeSpan grace)
    {
        _draining = true;

        // Nobody new is accepted from here on; whoever is connected is served until there is nothing more to read.
        Task closing = _acceptor.StopAsync();
        foreach (StreamConnection connection in _connections.Keys)
        {
            connection.StopReading();
        }

        long start = _time.GetTimestamp();
        while (!_connections.IsEmpty && _time.GetElapsedTime(start) < grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
        }

        foreach (StreamConnection connection in _connections.Keys)
        {
            connection.Abort();
        }

        await closing.ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _acceptor.DisposeAsync();

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

    private async Task ServeAsync(ConnectionContext context)
    {
        IPAddress client = ((IPEndPoint)context.RemoteEndPoint!).Address;
        bool admitted = false;
        try
        {
            admitted = Admit(client);
            if (!admitted)
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
            if (admitted)
            {
                Leave(client);
            }
        }
    }

    private bool Admit(IPAddress client)
    {
        if (Interlocked.Increment(ref _count) > _settings.MaxConnections)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        if (_clients.AddOrUpdate(client, 1, static (_, n) => n + 1) > _settings.MaxConnectionsPerClient)
        {
            Leave(client);
            return false;
        }

        return true;
    }

    private void Leave(IPAddress client)
    {
        Interlocked.Decrement(ref _count);
        if (_clients.AddOrUpdate(client, 0, static (_, n) => n - 1) <= 0)
        {
            _clients.TryRemove(new KeyValuePair<IPAddress, int>(client, 0));
        }
    }
}
