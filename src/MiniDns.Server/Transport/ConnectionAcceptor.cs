using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Accepts the connections of a bound TCP socket and moves their octets through pipes.</summary>
/// <remarks>
/// This is the part of Kestrel below HTTP, without the web application that Kestrel itself is at home in: that one takes some 8 MB and
/// a tenth of a second at the start, for nothing that a connection of DNS needs.
/// </remarks>
internal sealed class ConnectionAcceptor : IAsyncDisposable
{
    /// <summary>How long a client may take over the last step of a connection that has begun.</summary>
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);
    private const int LastLooks = 100;

    private readonly bool _isLent;
    private readonly Socket _socket;
    private readonly Func<ConnectionContext, Task> _serve;
    private readonly SocketTransportFactory _factory;
    private readonly ConcurrentDictionary<ConnectionContext, Task> _connections = new();
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Makes an acceptor; it owns the socket.</summary>
    /// <param name="socket">A bound socket.</param>
    /// <param name="serve">Serves a connection, which is closed when that is done.</param>
    /// <param name="isLent">True when somebody else holds the socket too, and gives it to the next process.</param>
    public ConnectionAcceptor(Socket socket, Func<ConnectionContext, Task> serve, bool isLent)
    {
        _isLent = isLent;
        _socket = socket;
        _serve = serve;
        _factory = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions { CreateBoundListenSocket = _ => socket }),
            NullLoggerFactory.Instance);
    }

    /// <summary>Starts to accept.</summary>
    /// <exception cref="SocketException">The socket cannot listen: another one does, on the same address.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        EndPoint address = _socket.LocalEndPoint!;
        _listener = await _factory.BindAsync(address, cancellationToken).ConfigureAwait(false);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Accepts those who have begun to connect, and nobody else. Connections go on.</summary>
    public async Task TurnAwayAsync()
    {
        // To close a socket resets the connections that it has not accepted. The next holder of a lent one accepts them.
        if (_listener is not null && !_isLent && SocketSeal.TryDropNewConnections(_socket.SafeHandle))
        {
            await Task.Delay(LastMoment).ConfigureAwait(false);
            for (int look = 1; look <= LastLooks && HasWaiting(_socket); look++)
            {
                await Task.Delay(LookInterval).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Accepts nobody new and waits until every connection has ended.</summary>
    public async Task StopAsync()
    {
        if (_listener is not null)
        {
            await _listener.UnbindAsync().ConfigureAwait(false);
            await _accepting.ConfigureAwait(false);
            await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all connections at once, and the listening socket.</summary>
    public async ValueTask DisposeAsync()
    {
        Task stopping = StopAsync();
        foreach (ConnectionContext connection in _connections.Keys)
        {
            connection.Abort();
        }

        await stopping.ConfigureAwait(false);
        if (_listener is not null)
        {
            await _listener.DisposeAsync().ConfigureAwait(false);
        }

        _socket.Dispose();
    }

    /// <summary>True when there are connections of a listening socket that were not accepted yet, as far as the system tells.</summary>
    private static bool HasWaiting(Socket socket)
    {
        // getsockopt(TCP_INFO): what stands for unacknowledged segments of a connection is the length of a listening socket's queue.
        const int LevelTcp = 6;
        const int Info = 11;
        const int UnacknowledgedOffset = 24;
        Span<byte> info = stackalloc byte[UnacknowledgedOffset + sizeof(uint)];
        return OperatingSystem.IsLinux() && socket.GetRawSocketOption(LevelTcp, Info, info) == info.Length
            && MemoryMarshal.Read<uint>(info[UnacknowledgedOffset..]) > 0;
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        // Null means that the socket is closed; a client that is gone again is no error, the listener goes on by itself.
        while (await listener.AcceptAsync().ConfigureAwait(false) is { } connection)
        {
            // Known before it runs, so that it is not missed when the acceptor stops.
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _connections.TryAdd(connection, ended.Task);
            ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.This.ServeAsync(s.Connection, s.Ended), (This: this, Connection: connection, Ended: ended), preferLocal: false);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, TaskCompletionSource ended)
    {
        try
        {
            await _serve(connection).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever serves tells what is worth telling; a connection that failed is closed like any other.
            connection.Abort();
        }

        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        }
    }
}
