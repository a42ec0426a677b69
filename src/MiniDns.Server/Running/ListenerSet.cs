using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>Every socket of the process, DNS and HTTP, by the address that the configuration gives it. Sockets outlive configurations.</summary>
internal sealed class ListenerSet(QueryDispatcher dispatcher, DnsServices services, InheritedSockets inherited)
{
    private readonly ILogger _log = services.Loggers.CreateLogger("server");
    private readonly bool _portable = !OperatingSystem.IsLinux();

    // Replaced as a whole, so that whoever looks sees one configuration.
    private volatile IReadOnlyList<EndpointListener> _endpoints = [];
    private volatile IReadOnlyList<HttpSideServer> _pages = [];

    /// <summary>What serves DNS, in the order of the Corefile.</summary>
    public IReadOnlyList<EndpointListener> Endpoints => _endpoints;

    /// <summary>What serves HTTP pages.</summary>
    public IReadOnlyList<HttpSideServer> Pages => _pages;

    /// <summary>Binds what a plan needs beyond what is there.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="tolerates">True when an address that cannot be had is put off, as long as one can.</param>
    /// <returns>The change, to be published or disposed of.</returns>
    /// <exception cref="BindFailure">An address cannot be listened on; nothing is left open.</exception>
    public async Task<ListenerChange> PrepareAsync(ServerPlan plan, bool tolerates)
    {
        var change = new ListenerChange(this);
        List<BindFailure> failures = [];
        Dictionary<EndpointPlan, BindFailure> taken = [];
        Dictionary<EndpointPlan, EndpointListener> opened = [];

        // Those of all addresses come first: when nobody else has the port anywhere, the others are free too.
        foreach (EndpointPlan endpoint in plan.Endpoints.Where(e => Present(e) is null).OrderBy(e => Narrowness(e.Address.Address)))
        {
            try
            {
                opened.Add(endpoint, Open(endpoint, [.. _endpoints, .. opened.Values]));
            }
            catch (BindFailure failure)
            {
                taken.Add(endpoint, failure);
            }
        }

        foreach (EndpointPlan endpoint in plan.Endpoints)
        {
            if (Present(endpoint) is { } present)
            {
                change.Keep(present, endpoint);
            }
            else if (opened.TryGetValue(endpoint, out EndpointListener? listener))
            {
                change.Add(listener);
                if (_endpoints.FirstOrDefault(e => e.Plan.Scheme == endpoint.Scheme && Covers(e.Address, listener.Address)) is { } wider)
                {
                    // From now on the kernel gives it what the wider one got: it answers in its place, even if nothing comes of the change.
                    await change.StandInAsync(listener, wider).ConfigureAwait(false);
                }
            }
            else
            {
                failures.Add(taken[endpoint]);
                change.PutOff(endpoint);
            }
        }

        foreach (IGrouping<IPEndPoint, (HttpSideEndpoint Page, SourceSpan Span)> group in plan.Pages.GroupBy(p => p.Page.Address))
        {
            HttpSideEndpoint[] pages = [.. group.Select(p => p.Page)];
            if (_pages.FirstOrDefault(p => p.PlannedAddress.Equals(group.Key)) is { } present)
            {
                change.Keep(present, pages);
                continue;
            }

            (HttpSideEndpoint first, SourceSpan span) = group.First();
            try
            {
                if (plan.Endpoints.Any(e => Overlap(e.Address, group.Key)))
                {
                    // Both would share the port, and connections would come to one of them by chance.
                    throw Failure(group.Key, span, first.Plugin + ": tcp ", new SocketException((int)SocketError.AddressAlreadyInUse));
                }

                change.Add(new HttpSideServer(group.Key, BindPage(group.Key, span, first.Plugin), pages, new ListenPlace(span, first.Plugin + ": tcp ")));
            }
            catch (BindFailure failure)
            {
                failures.Add(failure);
                tolerates = false;
            }
        }

        if (failures.Count == 0 || (tolerates && change.HasEndpoints))
        {
            foreach (BindFailure failure in failures)
            {
                ServerLog.AddressPutOff(_log, failure.Message);
            }

            return change;
        }

        await change.DisposeAsync().ConfigureAwait(false);
        throw new BindFailure(string.Join(Environment.NewLine, failures.Select(f => f.Message)), failures[0]);
    }

    /// <summary>Binds the sockets of an address that came late.</summary>
    /// <exception cref="BindFailure">The address cannot be had.</exception>
    public EndpointListener Open(EndpointPlan endpoint) => Open(endpoint, _endpoints);

    /// <summary>Takes over what a change has prepared.</summary>
    public void Replace(IReadOnlyList<EndpointListener> endpoints, IReadOnlyList<HttpSideServer> pages)
    {
        foreach (EndpointListener endpoint in _portable ? [] : endpoints)
        {
            try
            {
                endpoint.Resize();
            }
            catch (SocketException e)
            {
                // It is served all the same, by fewer sockets.
                ServerLog.Finding(_log, Failure(endpoint.Address, endpoint.Plan.Span, "udp ", e).Message);
            }
        }

        _endpoints = endpoints;
        _pages = pages;
    }

    /// <summary>Adds one that came late.</summary>
    public void Add(EndpointListener endpoint) => _endpoints = [.. _endpoints, endpoint];

    /// <summary>Closes everything.</summary>
    public async ValueTask CloseAsync()
    {
        foreach (IAsyncDisposable listener in _endpoints.Concat<IAsyncDisposable>(_pages))
        {
            await EndAsync(listener).ConfigureAwait(false);
        }

        _endpoints = [];
        _pages = [];
    }

    /// <summary>Disposes of a listener; a failure is logged, for it must not keep the others open.</summary>
    public async ValueTask EndAsync(IAsyncDisposable listener)
    {
        try
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }
    }

    /// <summary>Says what could not be listened on, and why, with its place in the Corefile.</summary>
    public static BindFailure Failure(IPEndPoint address, SourceSpan span, string what, SocketException e)
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

    /// <summary>True when two listeners would share a port.</summary>
    public static bool Overlap(IPEndPoint one, IPEndPoint other) =>
        one.Port != 0 && one.Port == other.Port && (one.Address.Equals(other.Address) || IsWildcard(one.Address) || IsWildcard(other.Address));

    /// <summary>True when a listener of all addresses gets what comes to the other's address as long as that one does not listen.</summary>
    private static bool Covers(IPEndPoint wide, IPEndPoint narrow) => wide.Port == narrow.Port && !wide.Address.Equals(narrow.Address)
        && (wide.Address.Equals(IPAddress.IPv6Any) || (wide.Address.Equals(IPAddress.Any) && narrow.AddressFamily == AddressFamily.InterNetwork));

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

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

    /// <summary>The fewer addresses a socket covers, the higher.</summary>
    private static int Narrowness(IPAddress address) => address.Equals(IPAddress.IPv6Any) ? 0 : address.Equals(IPAddress.Any) ? 1 : 2;

    private EndpointListener? Present(EndpointPlan endpoint) => _endpoints.FirstOrDefault(e => e.IsOf(endpoint));

    /// <summary>Binds the sockets of an address.</summary>
    /// <remarks>With SO_REUSEPORT a second server of the same user would silently share our port. So the first socket of an address is bound
    /// without, unless it is one of ours that has the port already.</remarks>
    private EndpointListener Open(EndpointPlan endpoint, IReadOnlyList<EndpointListener> ours) => Guard(endpoint.Address, endpoint.Span, "", () =>
    {
        bool hasDatagrams = endpoint.Scheme == ServerScheme.Dns;
        if (inherited.TryTake(endpoint.Address, hasDatagrams, out Socket[] datagrams, out Socket? stream))
        {
            return new EndpointListener(endpoint, datagrams, stream, dispatcher, services, _portable, isLent: true);
        }

        bool isShared = ours.Any(e => Overlap(e.Address, endpoint.Address));
        (datagrams, stream) = hasDatagrams
            ? BoundSockets.Open(endpoint.Address, _portable ? 1 : endpoint.Settings.Sockets, isShared)
            : ([], BoundSockets.OpenTcp(endpoint.Address, isShared));
        if (!BoundSockets.IsPresent(endpoint.Address.Address))
        {
            ServerLog.AddressNotThere(_log, endpoint.Span.ToString(), endpoint.Address.Address);
        }

        return new EndpointListener(endpoint, datagrams, stream, dispatcher, services, _portable, isLent: false);
    });

    private Socket BindPage(IPEndPoint address, SourceSpan span, string plugin) => Guard(address, span, plugin + ": tcp ", () =>
    {
        Socket socket = BoundSockets.OpenTcp(address, isShared: _pages.Any(p => Overlap(p.Address, address)) || _endpoints.Any(e => Overlap(e.Address, address)));
        if (!BoundSockets.IsPresent(address.Address))
        {
            ServerLog.AddressNotThere(_log, span.ToString(), address.Address);
        }

        return socket;
    });
}
