using System.Collections.Concurrent;

namespace MiniDns.Diagnostics;

/// <summary>Every counter, gauge and histogram of the process, by name and labels; made once, whatever is reloaded.</summary>
/// <remarks>Series are resolved when a configuration is read; the query path only adds to a <see cref="StripedCounter"/>. Counters and
/// histograms go on counting whatever is reloaded. A gauge reads something that belongs to one configuration: it goes into a scope
/// (<see cref="OpenScope"/>), which is shown once that configuration runs and vanishes with it.</remarks>
public sealed class MetricRegistry
{
    private readonly ConcurrentDictionary<string, (MetricSeries Series, object? Cells)> _series = new(StringComparer.Ordinal);
    private readonly MetricRegistry? _parent;
    private volatile MetricRegistry? _shown;

    /// <summary>Makes a registry without series.</summary>
    public MetricRegistry()
    {
    }

    private MetricRegistry(MetricRegistry parent) => _parent = parent;

    /// <summary>All series that are shown, ordered by name and labels; of a scope, those of the whole process.</summary>
    public IReadOnlyList<MetricSeries> Snapshot()
    {
        if (_parent is not null)
        {
            return _parent.Snapshot();
        }

        IEnumerable<KeyValuePair<string, (MetricSeries Series, object? Cells)>> all = _shown is { } scope ? _series.Concat(scope._series) : _series;
        return [.. all.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value.Series)];
    }

    /// <summary>Makes a registry for one configuration: its counters and histograms are this one's, its gauges its own.</summary>
    public MetricRegistry OpenScope() => new(_parent ?? this);

    /// <summary>Shows a scope's gauges in place of those of the scope shown before.</summary>
    /// <param name="scope">A scope of this registry.</param>
    public void Show(MetricRegistry scope) => (_parent ?? this)._shown = scope;

    /// <summary>The counter of a name and labels; the same one for every caller.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="labels">Label names and values.</param>
    public StripedCounter Counter(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, string>[] pairs = Pairs(labels);
        return (_parent ?? this)._series.GetOrAdd(KeyOf(name, pairs), _ =>
        {
            var counter = new StripedCounter();
            return (new MetricSeries(name, help, MetricKind.Counter, pairs, () => counter.Value) { IsWhole = true }, counter);
        }).Cells as StripedCounter ?? throw new InvalidOperationException($"{name} is not a counter");
    }

    /// <summary>The histogram of a name and labels; the same one for every caller.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What is observed, with its unit.</param>
    /// <param name="bounds">The buckets' upper bounds (<see cref="MetricBuckets"/>).</param>
    /// <param name="labels">Label names and values.</param>
    public StripedHistogram Histogram(string name, string help, ReadOnlySpan<double> bounds, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, string>[] pairs = Pairs(labels);
        string key = KeyOf(name, pairs);
        ConcurrentDictionary<string, (MetricSeries Series, object? Cells)> series = (_parent ?? this)._series;
        if (!series.TryGetValue(key, out (MetricSeries Series, object? Cells) found))
        {
            var made = new StripedHistogram(bounds);
            Func<double> count = () =>
            {
                Span<long> counts = stackalloc long[made.Bounds.Length + 1];
                made.Read(counts, out _);
                return counts[^1];
            };
            found = series.GetOrAdd(key, (new MetricSeries(name, help, MetricKind.Histogram, pairs, count) { Histogram = made }, made));
        }

        return found.Cells as StripedHistogram ?? throw new InvalidOperationException($"{name} is not a histogram");
    }

    /// <summary>Sets how a gauge is read; a later call with the same name and labels replaces an earlier one.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it tells.</param>
    /// <param name="read">Reads the present value.</param>
    /// <param name="labels">Label names and values.</param>
    public void Gauge(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels)
        => Set(MetricKind.Gauge, name, help, read, labels);

    /// <summary>Sets how a total is read that somebody else counts; otherwise like a gauge.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="read">Reads the present total.</param>
    /// <param name="labels">Label names and values.</param>
    public void Total(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels)
        => Set(MetricKind.Counter, name, help, read, labels);

    /// <summary>Takes a series away: what it told of is gone.</summary>
    public void Remove(string name, params ReadOnlySpan<(string Name, string Value)> labels) => _series.TryRemove(KeyOf(name, Pairs(labels)), out _);

    private void Set(MetricKind kind, string name, string help, Func<double> read, ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, string>[] pairs = Pairs(labels);
        _series[KeyOf(name, pairs)] = (new MetricSeries(name, help, kind, pairs, read), null);
    }

    private static KeyValuePair<string, string>[] Pairs(ReadOnlySpan<(string Name, string Value)> labels)
    {
        var pairs = new KeyValuePair<string, string>[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            pairs[i] = new(labels[i].Name, labels[i].Value);
        }

        return pairs;
    }

    private static string KeyOf(string name, KeyValuePair<string, string>[] labels) =>
        name + "\0" + string.Join('\0', labels.Select(l => l.Key + "=" + l.Value));
}
