using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>One thread with one UDP socket: receives a batch, answers what can be answered at once, sends the batch.</summary>
/// <remarks>A lone query is a batch of one: nothing waits for a batch to fill.</remarks>
internal sealed class BatchUdpWorker : UdpWorker
{
    private const int BatchSize = 32;

    private readonly WakeEvent _wake = new();
    private readonly DeferredReplies _deferred;

    public BatchUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, int maxWaiting)
        : base(socket, dispatcher, time, log) =>
        _deferred = new DeferredReplies(socket.SafeHandle, dispatcher, maxWaiting);

    public override int Waiting => _deferred.Waiting;

    public override void Dispose()
    {
        _deferred.Close();
        Socket.Dispose();
        _wake.Dispose();
    }

    protected override void Wake() => _wake.Set();

    protected override void Serve()
    {
        var incoming = new ReceiveBatch(BatchSize, packetInfo: true);
        var outgoing = new SendBatch(BatchSize);
        UdpExchange[] slots = new UdpExchange[BatchSize];
        for (int i = 0; i < BatchSize; i++)
        {
            slots[i] = new UdpExchange();
            incoming.Attach(i, slots[i].Query.ReceiveBuffer, slots[i].Peer);
        }

        var local = ClientAddress.From((IPEndPoint)Socket.LocalEndPoint!);
        SafeHandle socket = Socket.SafeHandle;
        SafeHandle[] waitFor = [socket];
        bool[] ready = new bool[1];
        while (!IsStopping)
        {
            int received = incoming.Receive(socket, out int error);
            if (received <= 0)
            {
                if (received < 0)
                {
                    NoteReceiveFailure(Marshal.GetPInvokeErrorMessage(error));
                }

                SocketWait.ForReading(waitFor, ready, _wake, -1);
                continue;
            }

            RoutingTable routes = Routes;
            long now = Time.GetTimestamp();
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
                        Dispatcher.Overflow.Increment();
                        continue;
                    }

                    // Longer than any query: not one. And nobody can be answered at port 0.
                    if (incoming.IsTruncated(i) || exchange.Query.Client.Port == 0)
                    {
                        Dispatcher.Ignored.Increment();
                        continue;
                    }

                    ValueTask<DnsOutcome> pending = Dispatcher.DispatchAsync(exchange.Query, incoming.LengthOf(i), DnsTransport.Udp, routes);
                    if (pending.IsCompletedSuccessfully)
                    {
                        int length = Dispatcher.Finish(exchange.Query, pending.Result);
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
                    NoteUnsent(lost, Marshal.GetPInvokeErrorMessage(error));
                }
            }
        }
    }
}
