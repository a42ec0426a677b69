using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>The UDP side of an address: several sockets that share the port, each with a worker.</summary>
internal sealed class UdpListener : IDnsListener, IDisposable
{
    private const string WaitingMetric = "minidns_udp_waiting_queries";
    private const string BuffersMetric = "minidns_udp_buffers_bytes";

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    private readonly Func<Socket, UdpWorker> _makeWorker;
    private readonly TimeProvider _time;
    private readonly WaitingRoom _room;
    private readonly MetricRegistry _metrics;
    private readonly (string Name, string Value) _label;
    private readonly ProxyGate _gate;
    private UdpWorker[] _workers;
    private UdpWorker[] _leaving = [];
    private RoutingTable _routes = RoutingTable.Empty;

    /// <summary>Makes the workers of sockets that are bound.</summary>
    /// <param name="sockets">The sockets, all bound to the same address.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="services">Clock and loggers.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="portable">True to do without the batching system calls.</param>
    /// <param name="isLent">True for sockets that somebody else holds too, and gives to the next process.</param>
    public UdpListener(Socket[] sockets, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings, bool portable, bool isLent = false)
    {
        Address = (IPEndPoint)sockets[0].LocalEndPoint!;
        IsLent = isLent;
        _time = services.Time;
        ILogger log = services.Loggers.CreateLogger("server");
        var room = new WaitingRoom(settings) { Shed = ShedCounters.Of(settings, services.Metrics) };
        _room = room;
        _metrics = services.Metrics;
        var gate = new ProxyGate(services, settings, isStream: false);
        _gate = gate;
        _makeWorker = s => portable
            ? new PortableUdpWorker(s, dispatcher, services.Time, log, room, gate) { IsLent = isLent }
            : new BatchUdpWorker(s, dispatcher, services.Time, log, room, gate) { IsLent = isLent };
        _workers = [.. sockets.Select(_makeWorker)];
        _label = ("address", Address.ToString());
        _metrics.Gauge(WaitingMetric, "UDP queries that wait for something.", () => Waiting, _label);
        _metrics.Gauge(BuffersMetric, "What the buffers of UDP queries take in memory, in octets.", () => _workers.Sum(w => (double)w.Exchanges) * UdpExchange.Footprint, _label);
    }

    public IPEndPoint Address { get; }

    /// <summary>True when somebody else holds the sockets too, and gives them to the next process.</summary>
    public bool IsLent { get; }

    /// <summary>How many sockets share the address.</summary>
    public int SocketCount => _workers.Length;

    /// <summary>How many queries wait for something.</summary>
    internal int Waiting => _workers.Concat(_leaving).Sum(w => w.Waiting);

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
        _room.Shed = ShedCounters.Of(settings, _metrics);
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

    /// <summary>Leaves what comes from now on to fewer sockets; the others answer what they have, and <see cref="EndLeavingAsync"/> closes them.</summary>
    /// <param name="count">How many sockets are to stay.</param>
    public void Shrink(int count)
    {
        UdpWorker[] leaving = [.. _workers.Skip(count).Where(w => w.TryTurnAway())];
        foreach (UdpWorker worker in leaving)
        {
            // It ends by itself; how that went is looked at later.
            _ = worker.StopReceivingAsync();
        }

        _leaving = [.. _leaving, .. leaving];
        _workers = [.. _workers.Except(leaving)];
    }

    /// <summary>Waits until the sockets that are too many have answered what they had, or the time is over, and closes them.</summary>
    public async Task EndLeavingAsync(TimeSpan grace)
    {
        UdpWorker[] leaving = _leaving;
        await EndAsync(leaving, grace).ConfigureAwait(false);
        Array.ForEach(leaving, w => w.Dispose());
        _leaving = [.. _leaving.Except(leaving)];
    }

    /// <summary>True while a batch is being answered with routes of that plan.</summary>
    public bool IsUsing(PlanUse use) => Array.Exists(_workers, w => w.IsUsing(use)) || Array.Exists(_leaving, w => w.IsUsing(use));

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (UdpWorker worker in _workers)
        {
            worker.Start();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DrainAsync(TimeSpan grace) => EndAsync([.. _workers, .. _leaving], grace);

    public async ValueTask DisposeAsync()
    {
        // A thread that still waits on a socket would not notice that it is closed.
        await StopReceivingAsync([.. _workers, .. _leaving]).ConfigureAwait(false);
        Dispose();
    }

    /// <summary>Closes the sockets of a listener that was not started.</summary>
    public void Dispose()
    {
        _metrics.Remove(WaitingMetric, _label);
        _metrics.Remove(BuffersMetric, _label);
        foreach (UdpWorker worker in _workers.Concat(_leaving))
        {
            worker.Dispose();
        }
    }

    private async ValueTask EndAsync(UdpWorker[] workers, TimeSpan grace)
    {
        await StopReceivingAsync(workers).ConfigureAwait(false);
        long start = _time.GetTimestamp();
        while (Array.Exists(workers, w => w.Waiting > 0) && _time.GetElapsedTime(start) < grace)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
        }
    }

    private async Task StopReceivingAsync(UdpWorker[] workers)
    {
        try
        {
            await Task.WhenAll(workers.Select(w => w.StopReceivingAsync())).WaitAsync(LongestStop, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A handler blocks its worker. Nothing can be done for it.
        }
    }
}
