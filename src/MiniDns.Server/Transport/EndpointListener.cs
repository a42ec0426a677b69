using System.Net;
using System.Net.Sockets;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One address that is served: DNS over UDP and TCP, or over TLS or HTTPS, which have TCP only. Outlives configurations: a reload gives it other routes.</summary>
internal sealed class EndpointListener : IAsyncDisposable
{
    private readonly UdpListener? _udp;
    private readonly StreamListener _tcp;

    /// <summary>Makes the listener of sockets that are bound.</summary>
    /// <param name="plan">What the configuration says of the address.</param>
    /// <param name="datagrams">The UDP sockets; none for what is not served over UDP.</param>
    /// <param name="stream">The TCP socket.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="services">Clock and loggers.</param>
    /// <param name="portable">True to do without the batching system calls.</param>
    /// <param name="isLent">True for sockets that somebody else holds too, and gives to the next process.</param>
    public EndpointListener(EndpointPlan plan, Socket[] datagrams, Socket stream, QueryDispatcher dispatcher, DnsServices services, bool portable, bool isLent)
    {
        Plan = plan;
        _udp = datagrams.Length > 0 ? new UdpListener(datagrams, dispatcher, services, plan.Settings, portable, isLent) : null;
        _tcp = new StreamListener(stream, dispatcher, services, plan.Settings, isLent, plan.Scheme);
    }

    /// <summary>What the configuration says of the address.</summary>
    public EndpointPlan Plan { get; private set; }

    /// <summary>The address, with the port that a port 0 became.</summary>
    public IPEndPoint Address => _tcp.Address;

    /// <summary>How many UDP sockets share the address.</summary>
    public int SocketCount => _udp?.SocketCount ?? 0;

    /// <summary>True when the address is the one of a plan, and the same is spoken there.</summary>
    public bool IsOf(EndpointPlan plan) => Plan.Scheme == plan.Scheme && Plan.Address.Equals(plan.Address);

    /// <summary>Has as many UDP sockets share the address as the plan wants; sockets that somebody else opened stay as they are.</summary>
    /// <exception cref="SocketException">No further socket can be bound to the address; it is served all the same.</exception>
    public void Resize()
    {
        if (_udp is null || _udp.IsLent)
        {
            return;
        }

        int missing = Plan.Settings.Sockets - _udp.SocketCount;
        if (missing > 0)
        {
            _udp.Grow(BoundSockets.OpenUdp(Address, missing));
        }
        else if (missing < 0)
        {
            _udp.Shrink(Plan.Settings.Sockets);
        }
    }

    /// <summary>Waits until the sockets that a <see cref="Resize"/> left out have answered what they had, or the time is over.</summary>
    public Task EndLeavingAsync(TimeSpan grace) => _udp?.EndLeavingAsync(grace) ?? Task.CompletedTask;

    /// <summary>Serves by another plan from the next message on.</summary>
    public void Adopt(EndpointPlan plan)
    {
        Plan = plan;
        _tcp.Apply(plan.Settings);
        _udp?.Apply(plan.Settings);
        _udp?.Route(plan.Routes);
        _tcp.Route(plan.Routes);
    }

    /// <summary>Starts to serve.</summary>
    /// <param name="routes">Which block takes which query, until another plan is adopted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">Another socket listens at the address.</exception>
    public async ValueTask StartAsync(RoutingTable routes, CancellationToken cancellationToken)
    {
        _udp?.Route(routes);
        _tcp.Route(routes);
        await _tcp.StartAsync(cancellationToken).ConfigureAwait(false);
        if (_udp is not null)
        {
            await _udp.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True while a UDP batch is being answered with routes of that plan; TCP messages are counted in the plan's use.</summary>
    public bool IsUsing(PlanUse use) => _udp?.IsUsing(use) == true;

    /// <summary>Takes nothing new, and waits until what has come is answered or the time is over.</summary>
    public Task DrainAsync(TimeSpan grace) => Task.WhenAll(_udp?.DrainAsync(grace).AsTask() ?? Task.CompletedTask, _tcp.DrainAsync(grace).AsTask());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_udp is not null)
        {
            await _udp.DisposeAsync().ConfigureAwait(false);
        }

        await _tcp.DisposeAsync().ConfigureAwait(false);
    }
}
