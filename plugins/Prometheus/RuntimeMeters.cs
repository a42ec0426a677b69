using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Prometheus;

/// <summary>Shows everything that the runtime itself measures (the meter <c>System.Runtime</c>), by its own names with underscores for dots.</summary>
internal sealed class RuntimeMeters : IServerComponent
{
    private const string RuntimeMeter = "System.Runtime";

    private readonly MetricRegistry _registry;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);

    /// <summary>Makes the listener; it hears nothing before it is started.</summary>
    public RuntimeMeters(MetricRegistry registry)
    {
        _registry = registry;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == RuntimeMeter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Note(i, v, tags));
        _listener.SetMeasurementEventCallback<int>((i, v, tags, _) => Note(i, v, tags));
        _listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Note(i, v, tags));
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        _listener.RecordObservableInstruments();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        bool isTotal = instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) && !instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal);
        string name = instrument.Name.Replace('.', '_') + (isTotal ? "_total" : "");

        // In Prometheus, "_count" is how many values a histogram has seen.
        name = name.EndsWith("_count", StringComparison.Ordinal) ? name[..^"_count".Length] : name;
        var labels = new (string, string)[tags.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            labels[i] = (tags[i].Key.Replace('.', '_'), Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
        }

        // Observable instruments tell totals; those that are written to tell what is added.
        string key = name + string.Join('\0', labels);
        bool isNew = !_values.ContainsKey(key);
        _values.AddOrUpdate(key, value, (_, before) => instrument.IsObservable ? value : before + value);
        if (!isNew)
        {
            return;
        }

        string help = (instrument.Description ?? instrument.Name) + (instrument.Unit is { Length: > 0 } unit ? $" Unit: {unit}." : "");
        Func<double> read = () =>
        {
            _listener.RecordObservableInstruments();
            return _values.GetValueOrDefault(key);
        };
        if (isTotal)
        {
            _registry.Total(name, help, read, labels);
        }
        else
        {
            _registry.Gauge(name, help, read, labels);
        }
    }
}
