using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Queries;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One thread with one UDP socket, one datagram at a time: for systems without recvmmsg.</summary>
/// <remarks>A blocking thread was measured to cost half as much a query as the asynchronous socket calls.</remarks>
internal sealed class PortableUdpWorker : IUdpWorker
{
    private readonly Socket _socket;
    private readonly QueryDispatcher _dispatcher;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxWaiting;
    private readonly Thread _thread;
    private readonly LogGate _sendGate;
    private readonly LogGate _receiveGate;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoutingTable _routes = RoutingTable.Empty;
    private int _waiting;
    private volatile bool _stopping;

    public PortableUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, int maxWaiting)
    {
        _socket = socket;
        _socket.ReceiveTimeout = 250;
        _dispatcher = dispatcher;
        _time = time;
        _log = log;
        _maxWaiting = maxWaiting;
        _sendGate = new LogGate(time);
        _receiveGate = new LogGate(time);
        _thread = new Thread(Run) { IsBackground = true, Name = "udp " + socket.LocalEndPoint };
    }

    public int Waiting => Volatile.Read(ref _waiting);

    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    public void Start() => _thread.UnsafeStart();

    public Task StopReceivingAsync()
    {
        _stopping = true;
        if (!_thread.IsAlive)
        {
            _ended.TrySetResult();
        }

        return _ended.Task;
    }

    public void Dispose() => _socket.Dispose();

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                Serve();
            }
            catch (Exception e) when (_stopping && e is ObjectDisposedException or SocketException)
            {
                // Closed under a handler that did not come back in time.
            }
            catch (Exception e)
            {
                ServerLog.WorkerFailed(_log, _thread.Name!, e);
                Thread.Sleep(100);
            }
        }

        _ended.TrySetResult();
    }

    private void Serve()
    {
        var local = ClientAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        var exchange = new UdpExchange();
        var from = new SocketAddress(_socket.AddressFamily);
        var template = new IPEndPoint(IPAddress.Any, 0);
        while (!_stopping)
        {
            int length;
            try
            {
                length = _socket.ReceiveFrom(exchange.Query.ReceiveBuffer, SocketFlags.None, from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted or SocketError.ConnectionReset)
            {
                continue;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
            {
                _dispatcher.Ignored.Increment();
                continue;
            }
            catch (SocketException e) when (!_stopping)
            {
                if (_receiveGate.MayPass())
                {
                    ServerLog.ReceiveFailed(_log, _thread.Name!, e.Message);
                }

                Thread.Sleep(10);
                continue;
            }

            if (Waiting >= 2 * _maxWaiting)
            {
                _dispatcher.Overflow.Increment();
                continue;
            }

            exchange.Peer.Set((IPEndPoint)template.Create(from));
            exchange.Query.MayWait = Waiting < _maxWaiting;
            RoutingTable routes = Volatile.Read(ref _routes);
            exchange.Arrive(routes, local, _time.GetTimestamp());

            // A full buffer is a datagram cut short, which not every system says: longer than any query. And nobody can be
            // answered at port 0.
            if (length == exchange.Query.ReceiveBuffer.Length || exchange.Query.Client.Port == 0)
            {
                _dispatcher.Ignored.Increment();
                continue;
            }

            ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(exchange.Query, length, DnsTransport.Udp, routes);
            if (pending.IsCompletedSuccessfully)
            {
                Send(exchange, _dispatcher.Finish(exchange.Query, pending.Result), from);
            }
            else
            {
                Interlocked.Increment(ref _waiting);
                _ = FinishAsync(exchange, pending, from);
                exchange = new UdpExchange();
                from = new SocketAddress(_socket.AddressFamily);
            }
        }
    }

    private async Task FinishAsync(UdpExchange exchange, ValueTask<DnsOutcome> pending, SocketAddress to)
    {
        DnsOutcome outcome;
        try
        {
            outcome = await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            outcome = _dispatcher.HandlerFailed(exchange.Query, e);
        }

        Send(exchange, _dispatcher.Finish(exchange.Query, outcome), to);
        Interlocked.Decrement(ref _waiting);
    }

    private void Send(UdpExchange exchange, int length, SocketAddress to)
    {
        if (length == 0)
        {
            return;
        }

        try
        {
            _socket.SendTo(exchange.Query.SendBuffer.AsSpan(0, length), SocketFlags.None, to);
        }
        catch (SocketException e)
        {
            _dispatcher.Unsent.Increment();
            if (_sendGate.MayPass())
            {
                ServerLog.SendFailed(_log, _thread.Name!, e.Message);
            }
        }
        catch (ObjectDisposedException)
        {
            // The endpoint was closed while the query waited.
        }
    }
}
