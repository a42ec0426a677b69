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
    private readonly WakeEvent _wake = new();
    private readonly DeferredReplies _deferred;
    private readonly Thread _thread;
    private readonly LogGate _sendGate;
    private readonly LogGate _receiveGate;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoutingTable _routes = RoutingTable.Empty;
    private volatile bool _stopping;

    public BatchUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, int maxWaiting)
    {
        _socket = socket;
        _dispatcher = dispatcher;
        _time = time;
        _log = log;
        _deferred = new DeferredReplies(socket.SafeHandle, dispatcher, maxWaiting);
        _sendGate = new LogGate(time);
        _receiveGate = new LogGate(time);
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
        while (!_stopping)
        {
            try
            {
                Serve();
            }
            catch (ObjectDisposedException) when (_stopping)
            {
                // Closed under a handler that did not come back in time.
            }
            catch (Exception e)
            {
                // A socket that nobody reads would swallow its share of the queries: whatever happens, go on.
                ServerLog.WorkerFailed(_log, _thread.Name!, e);
                Thread.Sleep(100);
            }
        }

        _ended.TrySetResult();
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
                    if (_receiveGate.MayPass())
                    {
                        ServerLog.ReceiveFailed(_log, _thread.Name!, Marshal.GetPInvokeErrorMessage(error));
                    }

                    Thread.Sleep(10);
                }

                SocketWait.ForReading(waitFor, ready, _wake, -1);
                continue;
            }

            RoutingTable routes = Volatile.Read(ref _routes);
            long now = _time.GetTimestamp();
            bool mayWait = !_deferred.IsFull;
            bool full = _deferred.IsOverflowing;
            ThreadBatch.Open();
            try
            {
                for (int i = 0; i < received; i++)
                {
                    UdpExchange exchange = slots[i];
                    exchange.Arrive(routes, local, now);
                    exchange.Query.MayWait = mayWait;
                    if (full)
                    {
                        _dispatcher.Overflow.Increment();
                        continue;
                    }

                    // Longer than any query: not one. And nobody can be answered at port 0.
                    if (incoming.IsTruncated(i) || exchange.Query.Client.Port == 0)
                    {
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
            }
            finally
            {
                // What collected for upstreams leaves together.
                ThreadBatch.Close();
            }

            if (outgoing.Count > 0)
            {
                int lost = outgoing.Flush(socket, out error);
                if (lost > 0)
                {
                    _dispatcher.Unsent.Add(lost);
                    if (_sendGate.MayPass())
                    {
                        ServerLog.SendFailed(_log, _thread.Name!, Marshal.GetPInvokeErrorMessage(error));
                    }
                }
            }
        }
    }
}
