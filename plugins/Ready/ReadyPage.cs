using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Ready;

/// <summary>Says whether every plugin that has to be is ready.</summary>
/// <param name="asksAlways">False to believe a plugin for good once it was ready.</param>
/// <param name="log">Takes the names of those that are not.</param>
internal sealed class ReadyPage(bool asksAlways, ILogger log) : IShutdownListener
{
    private Watched[]? _watched;
    private volatile bool _isStopping;

    /// <summary>The plugins to ask, by server block; they are looked at when the page is first asked for.</summary>
    public IReadOnlyList<ReadyGroup> Groups { get; set; } = [];

    /// <summary>The page.</summary>
    public HttpSideReply Get()
    {
        if (_isStopping)
        {
            return new HttpSideReply(503, "Shutting down");
        }

        SortedSet<string> missing = new(StringComparer.Ordinal);
        foreach (Watched watched in _watched ??= [.. Groups.SelectMany(g => g.Probes).Distinct().Select(p => new Watched(p))])
        {
            if (!watched.WasReady || asksAlways)
            {
                watched.WasReady = watched.Probe.IsReady;
                if (!watched.WasReady)
                {
                    missing.Add(watched.Probe.Name);
                }
            }
        }

        if (missing.Count == 0)
        {
            return new HttpSideReply(200, "OK");
        }

        string names = string.Join(',', missing);
        ReadyLog.NotReady(log, names);
        return new HttpSideReply(503, names);
    }

    /// <inheritdoc/>
    public ValueTask StoppingAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        return ValueTask.CompletedTask;
    }

    private sealed class Watched(IReadinessProbe probe)
    {
        private volatile bool _wasReady;

        public IReadinessProbe Probe => probe;

        public bool WasReady
        {
            get => _wasReady;
            set => _wasReady = value;
        }
    }
}
