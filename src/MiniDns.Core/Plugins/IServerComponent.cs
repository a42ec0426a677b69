namespace MiniDns.Plugins;

/// <summary>Something with a life: a watcher, a probe, a transfer loop. Disposing stops it.</summary>
public interface IServerComponent : IAsyncDisposable
{
    /// <summary>False for what a configuration that is only tried out must not start, because it would disturb the server that really serves,
    /// or others: what writes that server's files, sends messages that nobody asked for, or asks for reloads.</summary>
    bool RunsInTrials => true;

    /// <summary>Starts, before the first query comes.</summary>
    /// <param name="cancellationToken">Says that the start is given up.</param>
    ValueTask StartAsync(CancellationToken cancellationToken);
}
