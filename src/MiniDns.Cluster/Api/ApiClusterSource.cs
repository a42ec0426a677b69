using Microsoft.Extensions.Logging;

namespace MiniDns.Cluster.Api;

/// <summary>Tells a sink what a Kubernetes API server has: lists and watches each collection on its own, for as long as it lives.</summary>
public sealed class ApiClusterSource : IClusterSource
{
    private readonly FeedContext _context;
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _feeds = [];

    /// <summary>Makes the source; nothing is opened or read yet.</summary>
    /// <param name="options">Which server, and how to ask it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes the logger.</param>
    /// <param name="meter">Counts requests; null for nobody.</param>
    public ApiClusterSource(ClusterApiOptions options, TimeProvider time, ILoggerFactory loggers, IClusterApiMeter? meter)
        : this(options, time, loggers, meter, variable: null)
    {
    }

    internal ApiClusterSource(ClusterApiOptions options, TimeProvider time, ILoggerFactory loggers, IClusterApiMeter? meter, Func<string, string?>? variable)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        _context = new FeedContext(options, time, Random.Shared, new ApiLog(loggers.CreateLogger("plugin/kubernetes"), time), meter, variable);
    }

    /// <inheritdoc/>
    public void Start(ClusterWatchRequest request, IClusterSink sink)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(sink);
        if (_feeds.Length > 0)
        {
            throw new InvalidOperationException("the source was started already");
        }

        CancellationToken stopping = _stopping.Token;
        _feeds = [.. request.Watches.Select(w => new ResourceFeed(w, request.Fields, sink, _context)).Select(f => Task.Run(() => f.RunAsync(stopping), CancellationToken.None))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_feeds).ConfigureAwait(false);
        _context.Dispose();
        _stopping.Dispose();
    }
}
