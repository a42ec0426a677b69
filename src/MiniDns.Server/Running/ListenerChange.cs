using System.Net.Sockets;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>The way from the sockets of one configuration to those of the next: bound and ready, but not published yet.</summary>
/// <remarks>Until <see cref="Publish"/> nothing has happened to what serves; disposing instead closes what was opened.</remarks>
internal sealed class ListenerChange(ListenerSet set) : IAsyncDisposable
{
    private static readonly TimeSpan StandInGrace = TimeSpan.FromSeconds(5);

    private readonly List<EndpointListener> _endpoints = [];
    private readonly List<(EndpointListener Listener, EndpointPlan Plan)> _kept = [];
    private readonly List<EndpointListener> _opened = [];
    private readonly List<EndpointListener> _standIns = [];
    private readonly List<HttpSideServer> _pages = [];
    private readonly List<(HttpSideServer Server, HttpSideEndpoint[] Pages)> _keptPages = [];
    private readonly List<HttpSideServer> _openedPages = [];
    private readonly List<EndpointPlan> _late = [];

    /// <summary>True when DNS is served at some address.</summary>
    public bool HasEndpoints => _endpoints.Count > 0;

    /// <summary>Addresses that could not be had yet.</summary>
    public IReadOnlyList<EndpointPlan> Late => _late;

    /// <summary>What the new configuration does not use any more; known once the change is published.</summary>
    public IReadOnlyList<EndpointListener> Dropped { get; private set; } = [];

    /// <summary>HTTP listeners that the new configuration does not use any more.</summary>
    public IReadOnlyList<HttpSideServer> DroppedPages { get; private set; } = [];

    public void Keep(EndpointListener listener, EndpointPlan endpoint)
    {
        _endpoints.Add(listener);
        _kept.Add((listener, endpoint));
    }

    public void Keep(HttpSideServer server, HttpSideEndpoint[] pages)
    {
        _pages.Add(server);
        _keptPages.Add((server, pages));
    }

    public void Add(EndpointListener listener)
    {
        _endpoints.Add(listener);
        _opened.Add(listener);
    }

    public void Add(HttpSideServer server)
    {
        _pages.Add(server);
        _openedPages.Add(server);
    }

    public void PutOff(EndpointPlan endpoint) => _late.Add(endpoint);

    /// <summary>Has one that was added serve by the present configuration until the new one is published.</summary>
    /// <param name="listener">The new one.</param>
    /// <param name="wider">The present one that got its queries so far.</param>
    public async Task StandInAsync(EndpointListener listener, EndpointListener wider)
    {
        _standIns.Add(listener);
        await listener.StartAsync(wider.Plan.Routes, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Starts to serve at the addresses that are new.</summary>
    /// <exception cref="BindFailure">Somebody listens at an address that could be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (EndpointListener listener in _opened.Except(_standIns))
        {
            ValueTask start = listener.StartAsync(listener.Plan.Routes, cancellationToken);
            await ListenAsync(listener.Address, new ListenPlace(listener.Plan.Span, "tcp "), start).ConfigureAwait(false);
        }

        foreach (HttpSideServer server in _openedPages)
        {
            await ListenAsync(server.Address, server.Place, new ValueTask(server.StartAsync(cancellationToken))).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the addresses that stay their new routes and pages: from here on the new configuration serves.</summary>
    public void Publish()
    {
        Dropped = [.. set.Endpoints.Except(_endpoints)];
        DroppedPages = [.. set.Pages.Except(_pages)];
        foreach ((EndpointListener listener, EndpointPlan endpoint) in _kept)
        {
            listener.Adopt(endpoint);
        }

        foreach (EndpointListener listener in _standIns)
        {
            listener.Adopt(listener.Plan);
        }

        foreach ((HttpSideServer server, HttpSideEndpoint[] pages) in _keptPages)
        {
            server.Show(pages);
        }

        set.Replace([.. _endpoints], [.. _pages]);
        _opened.Clear();
        _openedPages.Clear();
    }

    /// <summary>Closes what was opened, if the change was not published.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_opened.Intersect(_standIns).Select(l => l.DrainAsync(StandInGrace))).ConfigureAwait(false);
        foreach (IAsyncDisposable listener in _opened.Concat<IAsyncDisposable>(_openedPages))
        {
            await set.EndAsync(listener).ConfigureAwait(false);
        }
    }

    /// <summary>Two sockets may have bound one address, but only one of them can listen: ours, twice.</summary>
    private static async Task ListenAsync(System.Net.IPEndPoint address, ListenPlace place, ValueTask start)
    {
        try
        {
            await start.ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw ListenerSet.Failure(address, place.Span, place.What, e);
        }
    }
}
