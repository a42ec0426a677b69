using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>The UDP side of an address: several sockets that share the port, each with a worker.</summary>
internal sealed class UdpListener : IDnsListener, IDisposable
{
    private readonly IUdpWorker[] _workers;

    /// <summary>Makes the workers of sockets that are bound.</summary>
    /// <param name="sockets">The sockets, all bound to the same address.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="services">Clock and loggers.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="portable">True to do without the batching system calls.</param>
    public UdpListener(Socket[] sockets, QueryDispatcher dispatcher, DnsServices services, EndpointSettings settings, bool portable)
    {
        Address = (IPEndPoint)sockets[0].LocalEndPoint!;
        ILogger log = services.Loggers.CreateLogger("server");
        int maxWaiting = Math.Max(64, settings.MaxWaitingQueries / sockets.Length);
        _workers = Array.ConvertAll<Socket, IUdpWorker>(
            sockets,
            s => portable
                ? new PortableUdpWorker(s, dispatcher, services.Time, log, maxWaiting)
                : new BatchUdpWorker(s, dispatcher, services.Time, log, maxWaiting));
    }

    public IPEndPoint Address { get; }

    public void Route(RoutingTable routes)
    {
        foreach (IUdpWorker worker in _workers)
        {
            worker.Route(routes);
        }
    }

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (IUdpWorker worker in _workers)
        {
            worker.Start();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DrainAsync(TimeSpan grace)
    {
        await Task.WhenAll(_workers.Select(w => w.StopReceivingAsync())).ConfigureAwait(false);
        long deadline = Environment.TickCount64 + (long)grace.TotalMilliseconds;
        while (_workers.Any(w => w.Waiting > 0) && Environment.TickCount64 < deadline)
        {
            await Task.Delay(10).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (IUdpWorker worker in _workers)
        {
            worker.Dispose();
        }
    }
}
