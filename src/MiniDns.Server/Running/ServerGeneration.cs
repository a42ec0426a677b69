using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Diagnostics;

namespace MiniDns.Server.Running;

/// <summary>One plan made live: its components started. Its listeners belong to the <see cref="ListenerSet"/>.</summary>
internal sealed class ServerGeneration(ServerPlan plan, ILogger log) : IAsyncDisposable
{
    private readonly List<IServerComponent> _started = [];

    /// <summary>The plan.</summary>
    public ServerPlan Plan { get; } = plan;

    /// <summary>Starts the components, in their order.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isTrial">Leaves out the components that would disturb a server that serves.</param>
    public async Task StartAsync(CancellationToken cancellationToken, bool isTrial = false)
    {
        foreach (IServerComponent component in Plan.Components.Where(c => !isTrial || c.RunsInTrials))
        {
            _started.Add(component);
            await component.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells those who want to know that the plan serves.</summary>
    public void AnnounceServing()
    {
        foreach (IServingListener listener in Plan.ServingListeners)
        {
            try
            {
                listener.OnServing();
            }
            catch (Exception e)
            {
                ServerLog.AnnouncingFailed(log, e);
            }
        }
    }

    /// <summary>Tells those who want to know that the process is going to stop, and waits for them.</summary>
    /// <param name="hurry">Ends the waiting.</param>
    public Task AnnounceStopAsync(CancellationToken hurry) => Task.WhenAll(Plan.ShutdownListeners.Select(l => AnnounceAsync(l, hurry)));

    /// <summary>Stops the components, last first. One that fails to stop does not keep the others running.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = _started.Count - 1; i >= 0; i--)
        {
            try
            {
                await _started[i].DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                ServerLog.StopFailed(log, e);
            }
        }

        _started.Clear();
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
            ServerLog.StopFailed(log, e);
        }
    }
}
