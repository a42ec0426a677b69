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
        HashSet<EndpointPlan> taken = [];
        foreach (EndpointPlan endpoint in plan.Endpoints)
        {
            // All are tried before any is opened: two of our own on one port share it, somebody else's is an error.
            if (Check(endpoint) is { } failure)
            {
                failures.Add(failure);
                taken.Add(endpoint);
            }
        }

        foreach (EndpointPlan endpoint in plan.Endpoints)
        {
            if (taken.Contains(endpoint))
            {
                change.PutOff(endpoint);
                continue;
            }

            if (_endpoints.FirstOrDefault(e => e.Plan.Address.Equals(endpoint.Address)) is { } present)
            {
                change.Keep(present, endpoint);
                continue;
            }

            try
            {
                change.Add(Open(endpoint));
            }
            catch (BindFailure failure)
            {
                failures.Add(failure);
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

    /// <summary>Looks whether somebody else has an address.</summary>
    /// <remarks>With SO_REUSEPORT a second server of the same user would silently share our port. A bind without it tells, unless it is we
    /// who have the port already, there or at another address.</remarks>
    /// <returns>Null when the address can be had, as far as can be seen.</returns>
    public BindFailure? Check(EndpointPlan endpoint)
    {
        if (endpoint.Address.Port == 0 || inherited.Has(endpoint.Address) || _endpoints.Any(e => e.Address.Port == endpoint.Address.Port))
        {
            return null;
        }

        try
        {
            BoundSockets.Check(endpoint.Address);
            return null;
        }
        catch (SocketException e)
        {
            return Failure(endpoint.Address, endpoint.Span, "", e);
        }
    }

    /// <summary>Binds the sockets of an address.</summary>
    /// <exception cref="BindFailure">The address cannot be had.</exception>
    public EndpointListener Open(EndpointPlan endpoint) => Guard(endpoint.Address, endpoint.Span, "", () =>
    {
        if (inherited.TryTake(endpoint.Address, out Socket[] datagrams, out Socket? stream))
        {
            return new EndpointListener(endpoint, datagrams, stream, dispatcher, services, _portable);
        }

        (datagrams, stream) = BoundSockets.Open(endpoint.Address, _portable ? 1 : endpoint.Settings.Sockets);
        if (!BoundSockets.IsPresent(endpoint.Address.Address))
        {
            ServerLog.AddressNotThere(_log, endpoint.Span.ToString(), endpoint.Address.Address);
        }

        return new EndpointListener(endpoint, datagrams, stream, dispatcher, services, _portable);
    });

    /// <summary>Takes over what a change has prepared.</summary>
    public void Replace(IReadOnlyList<EndpointListener> endpoints, IReadOnlyList<HttpSideServer> pages)
    {
        foreach (EndpointListener endpoint in endpoints)
        {
            int missing = _portable ? 0 : endpoint.Plan.Settings.Sockets - endpoint.SocketCount;
            if (missing > 0)
            {
                Grow(endpoint, missing);
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

    private Socket BindPage(IPEndPoint address, SourceSpan span, string plugin) => Guard(address, span, plugin + ": tcp ", () =>
    {
        bool isOurs = _pages.Any(p => p.Address.Port == address.Port) || _endpoints.Any(e => e.Address.Port == address.Port);
        if (!isOurs)
        {
            // As above: the bind that shares nothing tells whether somebody is there.
            BoundSockets.OpenTcp(address, share: false).Dispose();
        }

        return BoundSockets.OpenTcp(address, share: true);
    });

    private void Grow(EndpointListener endpoint, int missing)
    {
        try
        {
            endpoint.Grow(BoundSockets.OpenUdp(endpoint.Address, missing));
        }
        catch (SocketException e)
        {
            // It is served all the same, by fewer sockets.
            ServerLog.Finding(_log, Failure(endpoint.Address, endpoint.Plan.Span, "udp ", e).Message);
        }
    }
}
