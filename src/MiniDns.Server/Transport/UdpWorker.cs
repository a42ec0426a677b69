using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>One thread that serves one UDP socket, until it is told to stop. The seam between the batching worker and the portable one.</summary>
internal abstract class UdpWorker : IDisposable
{
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly LogGate _sendGate;
    private readonly LogGate _receiveGate;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoutingTable _routes = RoutingTable.Empty;
    private RoutingTable? _routesInUse;
    private volatile bool _stopping;
    private volatile bool _sealed;

    protected UdpWorker(Socket socket, QueryDispatcher dispatcher, TimeProvider time, ILogger log, WaitingRoom room)
    {
        Room = room;
        Socket = socket;
        Dispatcher = dispatcher;
        Time = time;
        _log = log;
        _sendGate = new LogGate(time);
        _receiveGate = new LogGate(time);
        _thread = new Thread(Run) { IsBackground = true, Name = "udp " + socket.LocalEndPoint };
    }

    /// <summary>How many queries wait for something.</summary>
    public abstract int Waiting { get; }

    /// <summary>True for a socket that somebody else holds too, and gives to the next process.</summary>
    public bool IsLent { get; init; }

    /// <summary>How many queries there are buffers for.</summary>
    public abstract int Exchanges { get; }

    protected Socket Socket { get; }

    protected QueryDispatcher Dispatcher { get; }

    protected TimeProvider Time { get; }

    /// <summary>Who waits at the endpoint.</summary>
    protected WaitingRoom Room { get; }

    /// <summary>True when <see cref="Serve"/> has to come back: at once, or when nothing is left to read of a socket that takes nothing new.</summary>
    protected bool IsStopping => _stopping;

    /// <summary>True when the socket takes nothing new, so that reading it comes to an end.</summary>
    protected bool IsSealed => _sealed;

    /// <summary>Sets the routes; the next batch sees them.</summary>
    public void Route(RoutingTable routes) => Volatile.Write(ref _routes, routes);

    /// <summary>True while queries are being answered with routes of that plan. After new routes were set and a process-wide barrier,
    /// false stays false.</summary>
    public bool IsUsing(PlanUse use) => Volatile.Read(ref _routesInUse)?.Use == use;

    /// <summary>Starts to receive.</summary>
    public void Start() => _thread.UnsafeStart();

    /// <summary>Leaves what comes from now on to the other sockets of the address; to be followed by <see cref="StopReceivingAsync"/>.</summary>
    /// <returns>False when the system does not do that: everything is as before.</returns>
    public bool TryTurnAway() => _sealed = SocketSeal.TryTurnAway(Socket.SafeHandle);

    /// <summary>Ends receiving: what has arrived is still answered, and so are queries that wait.</summary>
    public Task StopReceivingAsync()
    {
        // A socket that the next process gets must not be spoiled: that one reads what is left.
        if (!_stopping && !_sealed && !IsLent)
        {
            _sealed = SocketSeal.TryTurnAway(Socket.SafeHandle) || SocketSeal.TryDropAll(Socket.SafeHandle);
        }

        _stopping = true;
        Wake();
        if (!_thread.IsAlive)
        {
            _ended.TrySetResult();
        }

        return _ended.Task;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The routes for the next batch; says that they are in use until <see cref="LeaveRoutes"/> or the next call.</summary>
    protected RoutingTable EnterRoutes()
    {
        while (true)
        {
            RoutingTable routes = Volatile.Read(ref _routes);
            Volatile.Write(ref _routesInUse, routes);

            // Whoever retires routes sets new ones, lets every processor pass a barrier and then looks whether the old ones are in use.
            // Either it sees our mark, or we see its routes here.
            if (ReferenceEquals(routes, Volatile.Read(ref _routes)))
            {
                return routes;
            }
        }
    }

    /// <summary>Says that no routes are in use.</summary>
    protected void LeaveRoutes() => Volatile.Write(ref _routesInUse, null);

    /// <summary>Receives and answers until <see cref="IsStopping"/>.</summary>
    protected abstract void Serve();

    /// <summary>Ends a wait of <see cref="Serve"/>.</summary>
    protected abstract void Wake();

    /// <summary>Replies could not be sent. Strangers can provoke that, so it is counted and seldom logged.</summary>
    protected void NoteUnsent(int replies, string error)
    {
        Dispatcher.Unsent.Add(replies);
        Room.Shed?.Responses.Add(replies);
        if (_sendGate.MayPass())
        {
            ServerLog.SendFailed(_log, _thread.Name!, error);
        }
    }

    /// <summary>Receiving failed: said now and then, and a little later tried again.</summary>
    protected void NoteReceiveFailure(string error)
    {
        if (_receiveGate.MayPass())
        {
            ServerLog.ReceiveFailed(_log, _thread.Name!, error);
        }

        Thread.Sleep(10);
    }

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                Serve();
            }
            catch (Exception e) when (_stopping && e is (ObjectDisposedException or SocketException))
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
}
