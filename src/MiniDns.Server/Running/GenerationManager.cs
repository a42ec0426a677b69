using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>Starts a plan, replaces it by another without losing a query, stops.</summary>
/// <remarks>
/// A replacement binds and starts everything new first; until that has worked, nothing of the old has been touched. Then the listeners get
/// their new routes, which is the switch. What only the old plan needs is stopped when the last query in its chains is answered.
/// </remarks>
internal sealed class GenerationManager(QueryDispatcher dispatcher, DnsServices services, InheritedSockets inherited) : IAsyncDisposable
{
    /// <summary>How long queries may stay in the chains of a plan that was replaced; longer than any upstream is waited for.</summary>
    private static readonly TimeSpan RetireLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly ILogger _log = services.Loggers.CreateLogger("server");
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private CancellationTokenSource _waitingForAddresses = new();
    private ServerGeneration? _current;

    /// <summary>The sockets.</summary>
    public ListenerSet Listeners { get; } = new(dispatcher, services, inherited);

    /// <summary>The plan that serves; null before the first one and after the end.</summary>
    public ServerPlan? Plan => _current?.Plan;

    /// <summary>Puts a plan in place of the present one, or starts the first.</summary>
    /// <param name="plan">The plan; it was built with <see cref="Plan"/> as its predecessor.</param>
    /// <param name="cancellationToken">Gives up; the present plan goes on.</param>
    /// <exception cref="BindFailure">An address cannot be listened on; the present plan goes on.</exception>
    public async Task SwitchAsync(ServerPlan plan, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReplaceAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Tells those who want to know, then answers what has come and ends.</summary>
    /// <param name="grace">How long queries in flight may take.</param>
    /// <param name="hurry">Ends the waiting.</param>
    public async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_current is { } generation)
            {
                await generation.AnnounceStopAsync(hurry).ConfigureAwait(false);
                await DrainAsync(Listeners.Endpoints, grace).ConfigureAwait(false);
            }

            await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReplaceAsync(ServerPlan plan, CancellationToken cancellationToken)
    {
        ServerGeneration? old = _current;
        ConfigOrigin? oldOrigin = services.Server.Origin;
        ListenerChange change = await Listeners.PrepareAsync(plan, tolerates: old is null).ConfigureAwait(false);
        var generation = new ServerGeneration(plan, _log);
        try
        {
            // Components may ask what they were made from.
            services.Server.Origin = new ConfigOrigin(plan.Files, plan.Fingerprint);
            await generation.StartAsync(cancellationToken).ConfigureAwait(false);
            await change.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await change.DisposeAsync().ConfigureAwait(false);
            await generation.DisposeAsync().ConfigureAwait(false);
            services.Server.Origin = oldOrigin;
            throw;
        }

        services.Debug.IsOn = plan.Debug;
        dispatcher.LogStackTraces = plan.StackTraces;
        dispatcher.StrayObserver = plan.StrayObserver;
        services.Metrics.Show(plan.Gauges);
        change.Publish();
        _current = generation;
        generation.AnnounceServing();
        WaitForAddresses(change.Late);
        if (old is not null)
        {
            await RetireAsync(old, change).ConfigureAwait(false);
        }
    }

    /// <summary>Lets the last queries of the old plan finish, then stops what only it needed.</summary>
    private async Task RetireAsync(ServerGeneration old, ListenerChange change)
    {
        await DrainAsync(change.Dropped, RetireLimit).ConfigureAwait(false);

        // From here on, a worker that read the old routes has said so where we look.
        Interlocked.MemoryBarrierProcessWide();
        PlanUse use = old.Plan.Use;
        long start = services.Time.GetTimestamp();
        while (Listeners.Endpoints.Any(e => e.IsUsing(use)) || !use.IsIdle)
        {
            if (services.Time.GetElapsedTime(start) > RetireLimit)
            {
                ServerLog.StillInUse(_log, RetireLimit.TotalSeconds);
                break;
            }

            await Task.Delay(LookInterval, services.Time).ConfigureAwait(false);
        }

        await Task.WhenAll(Listeners.Endpoints.Select(e => e.EndLeavingAsync(RetireLimit))).ConfigureAwait(false);
        foreach (IAsyncDisposable listener in change.Dropped.Concat<IAsyncDisposable>(change.DroppedPages))
        {
            await Listeners.EndAsync(listener).ConfigureAwait(false);
        }

        await old.DisposeAsync().ConfigureAwait(false);
    }

    private async Task DrainAsync(IReadOnlyList<EndpointListener> endpoints, TimeSpan grace)
    {
        try
        {
            await Task.WhenAll(endpoints.Select(e => e.DrainAsync(grace))).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }
    }

    /// <summary>Tries again and again to listen at addresses that could not be had, as long as this configuration runs.</summary>
    private void WaitForAddresses(IReadOnlyList<EndpointPlan> late)
    {
        _waitingForAddresses.Cancel();
        _waitingForAddresses.Dispose();
        _waitingForAddresses = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        if (late.Count > 0)
        {
            _ = OpenLateAsync([.. late], _waitingForAddresses.Token);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The listener belongs to the set.")]
    private async Task OpenLateAsync(List<EndpointPlan> late, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstRetry;
        try
        {
            while (late.Count > 0)
            {
                await Task.Delay(pause, services.Time, cancellationToken).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestRetry.Ticks));
                await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    foreach (EndpointPlan endpoint in late.ToArray())
                    {
                        if (!cancellationToken.IsCancellationRequested && await TryOpenAsync(endpoint, cancellationToken).ConfigureAwait(false))
                        {
                            late.Remove(endpoint);
                        }
                    }
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another configuration, or the end.
        }
        catch (Exception e)
        {
            ServerLog.StopFailed(_log, e);
        }
    }

    private async Task<bool> TryOpenAsync(EndpointPlan endpoint, CancellationToken cancellationToken)
    {
        EndpointListener? listener = null;
        try
        {
            listener = Listeners.Open(endpoint);
            await listener.StartAsync(endpoint.Routes, cancellationToken).ConfigureAwait(false);
            Listeners.Add(listener);
            ServerLog.AddressHad(_log, listener.Address);
            return true;
        }
        catch (Exception e) when (e is BindFailure or System.Net.Sockets.SocketException)
        {
            if (listener is not null)
            {
                await Listeners.EndAsync(listener).ConfigureAwait(false);
            }

            return false;
        }
    }

    private async Task EndAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Listeners.CloseAsync().ConfigureAwait(false);
        if (_current is { } generation)
        {
            _current = null;
            await generation.DisposeAsync().ConfigureAwait(false);
        }
    }
}
