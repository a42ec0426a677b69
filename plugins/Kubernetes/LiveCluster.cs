using MiniDns.Cluster;
using MiniDns.Cluster.Api;
using MiniDns.Cluster.Manifests;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Snapshots;
using MiniDns.Cluster.Store;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>A store and what keeps it up to date. A reloaded configuration that watches the same takes it over with all its objects.</summary>
internal sealed class LiveCluster
{
    /// <summary>From so many objects on it takes milliseconds to move them.</summary>
    private const int ManyObjects = 4000;

    private readonly KubernetesOptions _options;
    private readonly DnsServices _services;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _synchronised = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IClusterSource? _source;
    private IAsyncDisposable? _snapshot;
    private int _users;
    private bool _isSettled;

    /// <summary>Makes an empty store; starts nothing.</summary>
    public LiveCluster(KubernetesOptions options, ClusterWatchRequest request, DnsServices services)
    {
        _options = options;
        _services = services;
        Request = request;
        Store = new ClusterStore(request.Watches, services.Time) { Synchronised = () => _synchronised.TrySetResult() };
    }

    /// <summary>The objects.</summary>
    public ClusterStore Store { get; }

    /// <summary>What is watched.</summary>
    public ClusterWatchRequest Request { get; }

    /// <summary>Ends once everything has been listed.</summary>
    public Task WhenSynchronised => _synchronised.Task;

    /// <summary>True when another configuration would watch the same.</summary>
    public bool Serves(KubernetesOptions options, ClusterWatchRequest request) =>
        _options.Api == options.Api && _options.Manifests.SequenceEqual(options.Manifests, StringComparer.Ordinal) && _options.SnapshotPath == options.SnapshotPath
        && Request.Fields == request.Fields && Request.Watches.SequenceEqual(request.Watches);

    /// <summary>Counts a user; the first one starts it.</summary>
    /// <returns>When the snapshot that is served was written; null when there is none.</returns>
    public DateTimeOffset? Acquire()
    {
        lock (_lock)
        {
            if (_users++ > 0)
            {
                return null;
            }

            DateTimeOffset? taken = null;
            if (_options.SnapshotPath is { } path)
            {
                var keeper = new SnapshotKeeper(path, Store, Request, _services.Time,
                    (at, reason) => KubernetesLog.SnapshotUnreadable(_services.LoggerFor("kubernetes"), at, reason),
                    (at, reason) => KubernetesLog.SnapshotUnwritable(_services.LoggerFor("kubernetes"), at, reason));
                taken = keeper.Load();
                if (!_services.IsTrial)
                {
                    keeper.Start();
                    _snapshot = keeper;
                }
            }

            var metrics = new KubernetesMetrics(_services.Metrics);
            _source = _options.Manifests.Count > 0
                ? new ManifestSource(_options.Manifests, _services.Time, _services.LoggerFor("kubernetes"))
                : new ApiClusterSource(_options.Api, _services.Time, _services.Loggers, metrics);
            _source.Start(Request, new KubernetesSink(Store, metrics, _services.Time));
            return taken;
        }
    }

    /// <summary>Lets the garbage collector move what was listed to where it stays, once: otherwise it does so in the middle of the next list of
    /// everything, and no query is answered meanwhile (20 ms with 100,000 endpoints).</summary>
    public void Settle()
    {
        lock (_lock)
        {
            if (_isSettled)
            {
                return;
            }

            _isSettled = true;
        }

        if (Enum.GetValues<ClusterResource>().Sum(Store.CountOf) < ManyObjects)
        {
            return;
        }

        // objects grow older by one generation each time, and there are two to go
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        }
    }

    /// <summary>Gives it up; the last user stops it.</summary>
    public async ValueTask ReleaseAsync()
    {
        IClusterSource? source;
        IAsyncDisposable? snapshot;
        lock (_lock)
        {
            if (--_users > 0)
            {
                return;
            }

            (source, snapshot) = (_source, _snapshot);
            (_source, _snapshot) = (null, null);
        }

        if (source is not null)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }

        if (snapshot is not null)
        {
            await snapshot.DisposeAsync().ConfigureAwait(false);
        }
    }
}
