using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One thread with one UDP socket, one datagram at a time: for systems without recvmmsg.</summary>
/// <remarks>A blocking thread was measured to cost half as much a query as the asynchronous socket calls.</remarks>
internal sealed class PortableUdpWorker : UdpWorker
{
    private readonly ProxyGate _gate;
    private int _waiting;

    public PortableUdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, WaitingRoom room, ProxyGate gate)
        : base(socket, dispatcher, time, log, room)
    {
        socket.ReceiveTimeout = 250;
        _gate = gate;
    }

    public override int Waiting => Volatile.Read(ref _waiting);

    public override int Exchanges => 1 + Waiting;

    public override void Dispose() => Socket.Dispose();

    /// <inheritdoc/>
    /// <remarks>Nothing to do: receiving times out often enough.</remarks>
    protected override void Wake()
    {
    }

    protected override void Serve()
    {
        var local = ClientAddress.From((IPEndPoint)Socket.LocalEndPoint!);
        var exchange = new UdpExchange();
        var from = new SocketAddress(Socket.AddressFamily);
        var template = new IPEndPoint(IPAddress.Any, 0);
        while (!IsStopping)
        {
            LeaveRoutes();
            int length;
            try
            {
                length = Socket.ReceiveFrom(exchange.Query.ReceiveBuffer, SocketFlags.None, from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted or SocketError.ConnectionReset)
            {
                continue;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
            {
                Dispatcher.Ignored.Increment();
                continue;
            }
            catch (SocketException e) when (!IsStopping)
            {
                NoteReceiveFailure(e.Message);
                continue;
            }

            if (Room.IsOverflowing)
            {
                Dispatcher.DroppedFull.Increment();
                Room.Shed?.Queries.Increment();
                continue;
            }

            exchange.Peer.Set((IPEndPoint)template.Create(from));
            exchange.Query.MayWait = !Room.IsOverfull;
            RoutingTable routes = EnterRoutes();
            Dispatcher.Received.Increment();
            exchange.Arrive(routes, local, Time.GetTimestamp());

            // A full buffer is a datagram cut short, which not every system says: longer than any query. And nobody can be
            // answered at port 0.
            if (length == exchange.Query.ReceiveBuffer.Length || exchange.Query.Client.Port == 0)
            {
                Dispatcher.Ignored.Increment();
                continue;
            }

            if (_gate.WhenOn is { } gate && !gate.TryTake(exchange.Query, ref length, exchange.Query.ReceivedAt))
            {
                continue;
            }

            ValueTask<DnsOutcome> pending = Dispatcher.DispatchAsync(exchange.Query, length, DnsTransport.Udp, routes);
            if (pending.IsCompletedSuccessfully)
            {
                Send(exchange, Dispatcher.Finish(exchange.Query, pending.Result), from);
            }
            else
            {
                Interlocked.Increment(ref _waiting);
                routes.Use.Enter();
                _ = FinishAsync(exchange, pending, from, Room.Enter(exchange.Query.Client));
                exchange = new UdpExchange();
                from = new SocketAddress(Socket.AddressFamily);
            }
        }
    }

    private async Task FinishAsync(UdpExchange exchange, ValueTask<DnsOutcome> pending, SocketAddress to, int cell)
    {
        DnsOutcome outcome;
        try
        {
            outcome = await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            outcome = Dispatcher.HandlerFailed(exchange.Query, e);
        }

        Send(exchange, Dispatcher.Finish(exchange.Query, outcome), to);
        exchange.Routes.Use.Leave();
        Room.Leave(cell, wasGivenUp: false);
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
            Socket.SendTo(exchange.Query.SendBuffer.AsSpan(0, length), SocketFlags.None, to);
        }
        catch (SocketException e)
        {
            NoteUnsent(1, e.Message);
        }
        catch (ObjectDisposedException)
        {
            // The endpoint was closed while the query waited.
        }
    }
}
