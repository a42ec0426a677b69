using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using MiniDns.Queries;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>One thread with one UDP socket: receives a batch, answers what can be answered at once, sends the batch.</summary>
/// <remarks>A lone query is a batch of one: nothing waits for a batch to fill.</remarks>
internal sealed class BatchUdpWorker : IUdpWorker
{
    private const int BatchSize = 32;

    private readonly Socket _socket;
    private readonly QueryDispatcher _dispatcher;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxWaiting;
    private readonly WakeEvent _wake = new();
    private readonly DeferredReplies _deferred;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoutingTable _routes = RoutingTable.Empty;
    private volatile bool _stopping;

    public BatchUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, int maxWaiting)
    {
        _socket = socket;
        _dispatcher = dispatcher;
        _time = time;
        _log = log;
        _maxWaiting = maxWaiting;
        _deferred = new DeferredReplies(socket.SafeHandle, dispatcher, maxWaiting);
        _thread = new Thread(Run) { IsBackground = true, Name = "udp " + socket.LocalEndPoint };
    }

    public int Waiting => _deferred.Waiting;

    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    public void Start() => _thread.UnsafeStart();

    public Task StopReceivingAsync()
    {
        _stopping = true;
        _wake.Set();
        if (!_thread.IsAlive)
        {
            _ended.TrySetResult();
        }

        return _ended.Task;
    }

    public void Dispose()
    {
        _deferred.Close();
        _socket.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            Serve();
        }
        catch (Exception e)
        {
            ServerLog.WorkerDied(_log, _thread.Name!, e);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void Serve()
    {
        var incoming = new ReceiveBatch(BatchSize, packetInfo: true);
        var outgoing = new SendBatch(BatchSize);
        UdpExchange[] slots = new UdpExchange[BatchSize];
        for (int i = 0; i < BatchSize; i++)
        {
            slots[i] = new UdpExchange();
            incoming.Attach(i, slots[i].Query.ReceiveBuffer, slots[i].Peer);
        }

        var local = ClientAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        SafeHandle socket = _socket.SafeHandle;
        SafeHandle[] waitFor = [socket];
        bool[] ready = new bool[1];
        while (!_stopping)
        {
            int received = incoming.Receive(socket, out int error);
            if (received <= 0)
            {
                if (received < 0)
                {
                    ServerLog.ReceiveFailed(_log, _thread.Name!, new SocketException(error).Message);
                    Thread.Sleep(10);
                }

                SocketWait.ForReading(waitFor, ready, _wake, -1);
                continue;
            }

            RoutingTable routes = Volatile.Read(ref _routes);
            long now = _time.GetTimestamp();
            bool full = _deferred.IsFull;
            ThreadBatch.Open();
            for (int i = 0; i < received; i++)
            {
                UdpExchange exchange = slots[i];
                exchange.Arrive(routes, local, now);
                if (full)
                {
                    _dispatcher.Overflow.Increment();
                    continue;
                }

                if (incoming.IsTruncated(i))
                {
                    // Longer than any query: not one.
                    _dispatcher.Ignored.Increment();
                    continue;
                }

                ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(exchange.Query, incoming.LengthOf(i), DnsTransport.Udp, routes);
                if (pending.IsCompletedSuccessfully)
                {
                    int length = _dispatcher.Finish(exchange.Query, pending.Result);
                    if (length > 0)
                    {
                        outgoing.Add(exchange.Query.SendBuffer, length, exchange.Peer);
                    }
                }
                else
                {
                    slots[i] = _deferred.Rent();
                    incoming.Attach(i, slots[i].Query.ReceiveBuffer, slots[i].Peer);
                    _deferred.Finish(exchange, pending);
                }
            }

            // What collected for upstreams leaves together.
            ThreadBatch.Close();
            if (outgoing.Count > 0 && outgoing.Flush(socket, out error) > 0)
            {
                ServerLog.SendFailed(_log, _thread.Name!, new SocketException(error).Message);
            }
        }
    }
}
