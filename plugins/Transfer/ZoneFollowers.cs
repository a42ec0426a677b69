namespace MiniDns.Plugins.Transfer;

/// <summary>Follows the zones of all plugins of the block while the configuration is in service.</summary>
internal sealed class ZoneFollowers : IServerComponent
{
    private ZoneFollower[] _followers = [];

    /// <summary>The followers.</summary>
    public IReadOnlyList<ZoneFollower> All => _followers;

    /// <summary>Takes the followers, once all plugins are set up.</summary>
    public void Set(ZoneFollower[] followers) => _followers = followers;

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (ZoneFollower follower in _followers)
        {
            follower.Start();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (ZoneFollower follower in _followers)
        {
            follower.Stop();
        }

        return ValueTask.CompletedTask;
    }
}
