using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>One plan made live: sockets bound, components started, queries answered.</summary>
internal sealed class ServerGeneration(ServerPlan plan, DnsServices services) : IAsyncDisposable
{
    private readonly ILogger _log = services.Loggers.CreateLogger("server");
    private readonly List<(EndpointPlan Plan, UdpListener Udp, StreamListener Tcp)> _endpoints = [];
    private readonly List<(HttpSideServer Server, string Plugin, SourceSpan Span)> _pages = [];
    private readonly List<IServerComponent> _started = [];

    /// <summary>Where DNS is served, with the ports that 0 became, and the zones there.</summary>
    public IEnumerable<(EndpointPlan Plan, IPEndPoint Address)> Endpoints => _endpoints.Select(e => (e.Plan, e.Udp.Address));

    /// <summary>Where HTTP pages are served.</summary>
    public IEnumerable<IPEndPoint> PageAddresses => _pages.Select(p => p.Server.Address);

    /// <summary>Binds everything, starts the components, then answers.</summary>
    /// <exception cref="BindFailure">An address cannot be listened on; nothing is left open.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Bind();
            foreach (IServerComponent component in plan.Components)
            {
                _started.Add(component);
                await component.StartAsync(cancellationToken).ConfigureAwait(false);
            }

            foreach ((EndpointPlan endpoint, UdpListener udp, StreamListener tcp) in _endpoints)
            {
                udp.Route(endpoint.Routes);
                tcp.Route(endpoint.Routes);
                await udp.StartAsync(cancellationToken).ConfigureAwait(false);
                await ListenAsync(tcp.Address, endpoint.Span, "tcp ", () => tcp.StartAsync(cancellationToken).AsTask()).ConfigureAwait(false);
            }

            foreach ((HttpSideServer pages, string plugin, SourceSpan span) in _pages)
            {
                await ListenAsync(pages.Address, span, plugin + ": tcp ", () => pages.StartAsync(cancellationToken)).ConfigureAwait(false);
            }
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Tells those who want to know, then answers what is in flight and receives nothing more.</summary>
    /// <param name="grace">How long queries in flight may take.</param>
    /// <param name="hurry">Ends the waiting.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        await Task.WhenAll(plan.ShutdownListeners.Select(l => AnnounceAsync(l, hurry))).ConfigureAwait(false);
        try
        {
            await Task.WhenAll(_endpoints.SelectMany(e => new[] { e.Udp.DrainAsync(grace).AsTask(), e.Tcp.DrainAsync(grace).AsTask() })).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // One that fails to stop must not keep the others open.
        foreach ((_, UdpListener udp, StreamListener tcp) in _endpoints)
        {
            await EndAsync(udp).ConfigureAwait(false);
            await EndAsync(tcp).ConfigureAwait(false);
        }

        foreach ((HttpSideServer pages, _, _) in _pages)
        {
            await EndAsync(pages).ConfigureAwait(false);
        }

        for (int i = _started.Count - 1; i >= 0; i--)
        {
            await EndAsync(_started[i]).ConfigureAwait(false);
        }

        _endpoints.Clear();
        _pages.Clear();
        _started.Clear();
    }

    private async Task EndAsync(IAsyncDisposable part)
    {
        try
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }
    }

    private async Task AnnounceAsync(IShutdownListener listener, CancellationToken hurry)
    {
        try
        {
            await listener.StoppingAsync(hurry).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // In a hurry: the wait was cut short.
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }
    }

    private void Bind()
    {
        // All addresses are tried before any is kept: two of our own on one port share it, somebody else's is an error.
        foreach (EndpointPlan endpoint in plan.Endpoints.Where(e => e.Address.Port != 0))
        {
            Guard(endpoint.Address, endpoint.Span, "", () => BoundSockets.Check(endpoint.Address));
        }

        bool portable = !OperatingSystem.IsLinux();
        foreach (EndpointPlan endpoint in plan.Endpoints)
        {
            int count = portable ? 1 : endpoint.Settings.Sockets;
            (Socket[] datagrams, Socket stream) = Guard(endpoint.Address, endpoint.Span, "", () => BoundSockets.Open(endpoint.Address, count));
            var udp = new UdpListener(datagrams, plan.Dispatcher, services, endpoint.Settings, portable);
            _endpoints.Add((endpoint, udp, new StreamListener(stream, plan.Dispatcher, services, endpoint.Settings)));
        }

        foreach (IGrouping<IPEndPoint, (HttpSideEndpoint Page, SourceSpan Span)> group in plan.Pages.GroupBy(p => p.Page.Address))
        {
            Socket socket = Guard(group.Key, group.First().Span, group.First().Page.Plugin + ": tcp ", () => BoundSockets.OpenTcp(group.Key, share: false));
            (HttpSideEndpoint first, SourceSpan span) = group.First();
            _pages.Add((new HttpSideServer(socket, group.Select(p => p.Page)), first.Plugin, span));
        }
    }

    private static T Guard<T>(IPEndPoint address, SourceSpan span, string what, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (SocketException e)
        {
            throw Failure(address, span, what, e);
        }
    }

    /// <summary>Starts to accept connections. Two sockets may have bound one address, but only one of them can listen: ours, twice.</summary>
    private static async Task ListenAsync(IPEndPoint address, SourceSpan span, string what, Func<Task> start)
    {
        try
        {
            await start().ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw Failure(address, span, what, e);
        }
    }

    private static BindFailure Failure(IPEndPoint address, SourceSpan span, string what, SocketException e)
    {
        string reason = e.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "the address is already in use",
            SocketError.AccessDenied => "permission denied (ports below 1024 need the capability CAP_NET_BIND_SERVICE)",
            SocketError.AddressNotAvailable => "this machine does not have that address",
            _ => e.Message,
        };
        return new BindFailure($"{span}: listen {what}{address}: {reason}", e);
    }
}
