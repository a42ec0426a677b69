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
    /// <summary>How long a datagram may be on its way into a socket that takes nothing new: another processor has chosen the socket before.</summary>
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(5);

    private readonly WakeEvent _wake = new();
    private readonly DeferredReplies _deferred;
    private readonly ProxyGate _gate;

    public BatchUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, WaitingRoom room, ProxyGate gate)
        : base(socket, dispatcher, time, log, room)
    {
        _deferred = new DeferredReplies(socket.SafeHandle, dispatcher, room);
        _gate = gate;
    }

    public override int Waiting => _deferred.Waiting;

    public override int Exchanges => UdpBatch.Size + _deferred.Exchanges;

    public override void Dispose()
    {
        _deferred.Close();
        Socket.Dispose();
        _wake.Dispose();
    }

    protected override void Wake() => _wake.Set();

    protected override void Serve()
    {
        var batch = new UdpBatch(Dispatcher, _deferred, _gate, ClientAddress.From((IPEndPoint)Socket.LocalEndPoint!));
        SafeHandle socket = Socket.SafeHandle;
        SafeHandle[] waitFor = [socket];
        bool[] ready = new bool[1];
        bool isLastLook = false;
        while (!IsStopping || IsSealed)
        {
            int received = batch.Receive(socket, out int error);
            if (received <= 0)
            {
                if (received < 0)
                {
                    NoteReceiveFailure(Marshal.GetPInvokeErrorMessage(error));
                }

                LeaveRoutes();
                if (IsStopping)
                {
                    if (isLastLook || !IsSealed)
                    {
                        return;
                    }

                    isLastLook = true;
                    Thread.Sleep(LastMoment);
                    continue;
                }

                SocketWait.ForReading(waitFor, ready, _wake, -1);
                continue;
            }

            RoutingTable routes = EnterRoutes();
            Dispatcher.Received.Add(received);
            batch.Answer(received, routes, Time.GetTimestamp());
            if (batch.Replies > 0)
            {
                int lost = batch.Send(socket, out error);
                if (lost > 0)
                {
                    NoteUnsent(lost, Marshal.GetPInvokeErrorMessage(error));
                }
            }
        }
    }
}
