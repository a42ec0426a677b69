using MiniDns.Configuration;

namespace MiniDns.Plugins.Reload;

/// <summary>The directive <c>reload</c>.</summary>
public sealed class ReloadPlugin : IDnsPlugin
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SmallestInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultJitter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SmallestJitter = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => "reload";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        TimeSpan interval = DefaultInterval;
        TimeSpan jitter = DefaultJitter;
        if (reader.HasArgument)
        {
            interval = reader.Duration(interval);
            if (interval < SmallestInterval)
            {
                reader.Error($"the interval must be {DurationText.Format(SmallestInterval)} or more, but it is {DurationText.Format(interval)}");
            }
        }

        if (reader.HasArgument)
        {
            jitter = reader.Duration(jitter);
            if (jitter != TimeSpan.Zero && jitter < SmallestJitter)
            {
                reader.Error($"the jitter must be 0s, or {DurationText.Format(SmallestJitter)} or more, but it is {DurationText.Format(jitter)}");
            }
        }

        reader.Properties([]);
        var watcher = new ReloadWatcher(Spread(interval, jitter, Random.Shared), setup.Services);
        setup.Provide(watcher);
        setup.Run(watcher);

        // There is one Corefile, whatever the number of blocks that want it watched.
        setup.WhenServerWired(server => watcher.IsOnWatch = server.All<ReloadWatcher>()[0] == watcher);
    }

    /// <summary>The time between two looks: the interval and up to half of the jitter more or less, which is at most half of the interval.</summary>
    internal static TimeSpan Spread(TimeSpan interval, TimeSpan jitter, Random random)
    {
        TimeSpan width = jitter < interval / 2 ? jitter : interval / 2;
        return interval + (width * (random.NextDouble() - 0.5));
    }
}
