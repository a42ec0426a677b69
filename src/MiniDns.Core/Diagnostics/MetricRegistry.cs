using System.Collections.Concurrent;

namespace MiniDns.Diagnostics;

/// <summary>Every counter, gauge and histogram of the process, by name and labels; made once, whatever is reloaded.</summary>
/// <remarks>Series are resolved when a configuration is read; the query path only adds to a <see cref="StripedCounter"/>.</remarks>
public sealed class MetricRegistry
{
    private readonly ConcurrentDictionary<string, (MetricSeries Series, object? Cells)> _series = new(StringComparer.Ordinal);

    /// <summary>All series, ordered by name and labels.</summary>
    public IReadOnlyList<MetricSeries> Snapshot() => [.. _series.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value.Series)];

    /// <summary>The counter of a name and labels; the same one for every caller.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="labels">Label names and values.</param>
    public StripedCounter Counter(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, string>[] pairs = Pairs(labels);
        return _series.GetOrAdd(KeyOf(name, pairs), _ =>
        {
            var counter = new StripedCounter();
            return (new MetricSeries(name, help, MetricKind.Counter, pairs, () => counter.Value), counter);
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
        if (!_series.TryGetValue(key, out (MetricSeries Series, object? Cells) found))
        {
            var made = new StripedHistogram(bounds);
            Func<double> count = () =>
            {
                Span<long> counts = stackalloc long[made.Bounds.Length + 1];
                made.Read(counts, out _);
                return counts[^1];
            };
            found = _series.GetOrAdd(key, (new MetricSeries(name, help, MetricKind.Histogram, pairs, count) { Histogram = made }, made));
        }

        return found.Cells as StripedHistogram ?? throw new InvalidOperationException($"{name} is not a histogram");
    }

    /// <summary>Sets how a gauge is read; a later call with the same name and labels replaces an earlier one.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="help">What it tells.</param>
    /// <param name="read">Reads the present value.</param>
    /// <param name="labels">Label names and values.</param>
    public void Gauge(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        KeyValuePair<string, string>[] pairs = Pairs(labels);
        _series[KeyOf(name, pairs)] = (new MetricSeries(name, help, MetricKind.Gauge, pairs, read), null);
    }

    /// <summary>Takes a series away: what it told of is gone.</summary>
    public void Remove(string name, params ReadOnlySpan<(string Name, string Value)> labels) => _series.TryRemove(KeyOf(name, Pairs(labels)), out _);

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
