using System.Net;
using System.Net.Sockets;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One address that is served, over UDP and TCP. Outlives configurations: a reload gives it other routes.</summary>
internal sealed class EndpointListener : IAsyncDisposable
{
    private readonly UdpListener _udp;
    private readonly StreamListener _tcp;

    /// <summary>Makes the listener of sockets that are bound.</summary>
    public EndpointListener(EndpointPlan plan, Socket[] datagrams, Socket stream, QueryDispatcher dispatcher, DnsServices services, bool portable)
    {
        Plan = plan;
        _udp = new UdpListener(datagrams, dispatcher, services, plan.Settings, portable);
        _tcp = new StreamListener(stream, dispatcher, services, plan.Settings);
    }

    /// <summary>What the configuration says of the address.</summary>
    public EndpointPlan Plan { get; private set; }

    /// <summary>The address, with the port that a port 0 became.</summary>
    public IPEndPoint Address => _udp.Address;

    /// <summary>How many UDP sockets share the address.</summary>
    public int SocketCount => _udp.SocketCount;

    /// <summary>Serves by another plan from the next message on.</summary>
    public void Adopt(EndpointPlan plan)
    {
        Plan = plan;
        _tcp.Apply(plan.Settings);
        _udp.Route(plan.Routes);
        _tcp.Route(plan.Routes);
    }

    /// <summary>Adds UDP sockets that are bound to the same address.</summary>
    public void Grow(IReadOnlyList<Socket> datagrams) => _udp.Grow(datagrams);

    /// <summary>Starts to serve.</summary>
    /// <exception cref="SocketException">Another socket listens at the address.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _udp.Route(Plan.Routes);
        _tcp.Route(Plan.Routes);
        await _tcp.StartAsync(cancellationToken).ConfigureAwait(false);
        await _udp.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True while a UDP batch is being answered with routes of that plan; TCP messages are counted in the plan's use.</summary>
    public bool IsUsing(PlanUse use) => _udp.IsUsing(use);

    /// <summary>Takes nothing new, and waits until what has come is answered or the time is over.</summary>
    public Task DrainAsync(TimeSpan grace) => Task.WhenAll(_udp.DrainAsync(grace).AsTask(), _tcp.DrainAsync(grace).AsTask());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _udp.DisposeAsync().ConfigureAwait(false);
        await _tcp.DisposeAsync().ConfigureAwait(false);
    }
}
