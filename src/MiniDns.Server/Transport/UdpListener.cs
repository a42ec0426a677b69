using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>The UDP side of an address: several sockets that share the port, each with a worker.</summary>
internal sealed class UdpListener : IDnsListener, IDisposable
{
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly Func<Socket, UdpWorker> _makeWorker;
    private readonly TimeProvider _time;
    private readonly WaitingRoom _room;
    private readonly ProxyGate _gate;
    private UdpWorker[] _workers;
    private RoutingTable _routes = RoutingTable.Empty;

    /// <summary>Makes the workers of sockets that are bound.</summary>
    /// <param name="sockets">The sockets, all bound to the same address.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="services">Clock and loggers.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="portable">True to do without the batching system calls.</param>
    public UdpListener(Socket[] sockets, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings, bool portable)
    {
        Address = (IPEndPoint)sockets[0].LocalEndPoint!;
        _time = services.Time;
        ILogger log = services.Loggers.CreateLogger("server");
        var room = new WaitingRoom(settings);
        _room = room;
        var gate = new ProxyGate(services, settings, isStream: false);
        _gate = gate;
        _makeWorker = s => portable
            ? new PortableUdpWorker(s, dispatcher, services.Time, log, room, gate)
            : new BatchUdpWorker(s, dispatcher, services.Time, log, room, gate);
        _workers = [.. sockets.Select(_makeWorker)];
    }

    public IPEndPoint Address { get; }

    /// <summary>How many sockets share the address.</summary>
    public int SocketCount => _workers.Length;

    /// <summary>How many queries wait for something.</summary>
    internal int Waiting => _workers.Sum(w => w.Waiting);

    public void Route(RoutingTable routes)
    {
        _routes = routes;
        foreach (UdpWorker worker in _workers)
        {
            worker.Route(routes);
        }
    }

    /// <summary>Sets how many queries may wait from now on, and whose PROXY headers are taken.</summary>
    public void Apply(EndpointSettings settings)
    {
        _room.Apply(settings);
        _gate.Apply(settings);
    }

    /// <summary>Adds sockets to a listener that serves.</summary>
    /// <param name="sockets">Bound to the same address.</param>
    public void Grow(IReadOnlyList<Socket> sockets)
    {
        UdpWorker[] added = [.. sockets.Select(_makeWorker)];
        foreach (UdpWorker worker in added)
        {
            worker.Route(_routes);
            worker.Start();
        }

        _workers = [.. _workers, .. added];
    }

    /// <summary>True while a batch is being answered with routes of that plan.</summary>
    public bool IsUsing(PlanUse use) => Array.Exists(_workers, w => w.IsUsing(use));

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (UdpWorker worker in _workers)
        {
            worker.Start();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DrainAsync(TimeSpan grace)
    {
        await StopReceivingAsync().ConfigureAwait(false);
        long start = _time.GetTimestamp();
        while (_workers.Any(w => w.Waiting > 0) && _time.GetElapsedTime(start) < grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A thread that still waits on a socket would not notice that it is closed.
        await StopReceivingAsync().ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Closes the sockets of a listener that was not started.</summary>
    public void Dispose()
    {
        foreach (UdpWorker worker in _workers)
        {
            worker.Dispose();
        }
    }

    private async Task StopReceivingAsync()
    {
        try
        {
            await Task.WhenAll(_workers.Select(w => w.StopReceivingAsync())).WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A handler blocks its worker. Nothing can be done for it.
        }
    }
}
