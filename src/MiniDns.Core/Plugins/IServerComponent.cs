namespace MiniDns.Plugins;

/// <summary>Something with a life: a watcher, a probe, a transfer loop. Disposing stops it.</summary>
public interface IServerComponent : IAsyncDisposable
{
    /// <summary>Starts, before the first query comes.</summary>
    /// <param name="cancellationToken">Says that the start is given up.</param>
    ValueTask StartAsync(CancellationToken cancellationToken);
}
