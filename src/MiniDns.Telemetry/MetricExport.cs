using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using MiniDns.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace MiniDns.Telemetry;

/// <summary>Sends the metrics of a registry to a collector by OTLP, with OpenTelemetry's SDK: counters and gauges are read when it collects, histograms
/// are handed on to instruments (<see cref="HistogramFeed"/>). For any thread.</summary>
public sealed class MetricExport : IDisposable
{
    private const string Scope = "MiniDns";

    /// <summary>The series of one metric that the SDK keeps room for. Further ones are counted together, labelled <c>otel.metric.overflow</c>.</summary>
    private const int LeastSeries = 2000;

    private readonly Lock _lock = new();
    private readonly Meter _meter = new(Scope);
    private readonly Dictionary<string, SeriesInstrument> _instruments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Histogram<double>> _histograms = new(StringComparer.Ordinal);
    private readonly Dictionary<StripedHistogram, HistogramFeed> _feeds = new(ReferenceEqualityComparer.Instance);
    private readonly CollectorChannel _channel;
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;
    private readonly Action<string> _complain;

    /// <summary>How many series the metric has that an instrument is being made for: the SDK asks for the room that it needs meanwhile.</summary>
    private int _present;

    /// <summary>Makes the exporter; it connects when there is something to send.</summary>
    /// <param name="settings">Where the metrics go.</param>
    /// <param name="complain">Takes what is wrong with a metric.</param>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public MetricExport(CollectorSettings settings, Action<string> complain)
    {
        Settings = settings;
        _complain = complain;
        _channel = new CollectorChannel(settings);
        _reader = new BaseExportingMetricReader(new OtlpMetricExporter(OtlpOptions.Of(settings, _channel)))
        {
            TemporalityPreference = settings.Temporality switch
            {
                MetricTemporality.Delta => MetricReaderTemporalityPreference.Delta,
                MetricTemporality.LowMemory => MetricReaderTemporalityPreference.LowMemory,
                _ => MetricReaderTemporalityPreference.Cumulative,
            },
        };

        // Meters are known by their names; this one is ours, and no other server's of the process.
        _provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(OtlpOptions.Resource(settings))
            .AddMeter(Scope)
            .AddView(i => ReferenceEquals(i.Meter, _meter) ? Configuration(i) : MetricStreamConfiguration.Drop)
            .AddReader(_reader)
            .Build();
    }

    /// <summary>Where the metrics go.</summary>
    public CollectorSettings Settings { get; }

    /// <summary>Hands on what histograms have counted, so that it is not much at a time. Those that are new since the last message wait for the next:
    /// to look for them means to go through all series, which may be many.</summary>
    public void Feed(MetricRegistry registry)
    {
        lock (_lock)
        {
            if (_feeds.Count == 0)
            {
                TakeIn(registry);
            }

            foreach (HistogramFeed feed in _feeds.Values)
            {
                feed.Feed();
            }
        }
    }

    /// <summary>Sends all metrics; returns when they are taken or refused.</summary>
    public CollectorResult Send(MetricRegistry registry)
    {
        lock (_lock)
        {
            TakeIn(registry);
            return _channel.Result(() => _reader.Collect());
        }
    }

    /// <summary>Gives up what is under way, and what comes, after some time.</summary>
    public void EndAfter(TimeSpan patience) => _channel.EndAfter(patience);

    /// <summary>Ends without sending anything more.</summary>
    public void Dispose()
    {
        _channel.End();
        _provider.Dispose();
        _meter.Dispose();
        _channel.Dispose();
    }

    /// <summary>The labels of a series.</summary>
    internal static KeyValuePair<string, object?>[] LabelsOf(MetricSeries series) => [.. series.Labels.Select(l => new KeyValuePair<string, object?>(l.Key, l.Value))];

    /// <summary>The unit in the notation of UCUM, by the ending of the name.</summary>
    private static string? UnitOf(string name) =>
        name.EndsWith("_seconds", StringComparison.Ordinal) || name.EndsWith("_seconds_total", StringComparison.Ordinal) ? "s"
            : name.EndsWith("_bytes", StringComparison.Ordinal) || name.EndsWith("_bytes_total", StringComparison.Ordinal) ? "By" : null;

    private MetricStreamConfiguration Configuration(Instrument instrument)
    {
        int most = Math.Max(LeastSeries, 4 * _present);
        return instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds }
            ? new ExplicitBucketHistogramConfiguration { Boundaries = [.. bounds], RecordMinMax = false, CardinalityLimit = most }
            : new MetricStreamConfiguration { CardinalityLimit = most };
    }

    /// <summary>Makes instruments for what is new, takes away what is gone, and feeds the histograms.</summary>
    private void TakeIn(MetricRegistry registry)
    {
        foreach (SeriesInstrument instrument in _instruments.Values)
        {
            instrument.Series = [];
        }

        foreach (IGrouping<string, MetricSeries> metric in registry.Snapshot().GroupBy(s => s.Name, StringComparer.Ordinal))
        {
            MetricSeries[] series = [.. metric];
            _present = series.Length;
            if (series[0].Kind == MetricKind.Histogram)
            {
                FeedAll(series);
            }
            else
            {
                InstrumentOf(series[0]).Series = series;
            }
        }
    }

    private void FeedAll(MetricSeries[] series)
    {
        foreach (MetricSeries one in series)
        {
            if (one.Histogram is not { } histogram)
            {
                continue;
            }

            ref HistogramFeed? feed = ref CollectionsMarshal.GetValueRefOrAddDefault(_feeds, histogram, out _);
            (feed ??= new HistogramFeed(histogram, HistogramOf(one, histogram), LabelsOf(one))).Feed();
        }
    }

    private Histogram<double> HistogramOf(MetricSeries series, StripedHistogram histogram)
    {
        if (!_histograms.TryGetValue(series.Name, out Histogram<double>? found))
        {
            InstrumentAdvice<double> advice = new() { HistogramBucketBoundaries = histogram.Bounds.ToArray() };
            found = _meter.CreateHistogram(series.Name, UnitOf(series.Name), series.Help, tags: null, advice);
            _histograms.Add(series.Name, found);
        }

        return found;
    }

    private SeriesInstrument InstrumentOf(MetricSeries first)
    {
        if (!_instruments.TryGetValue(first.Name, out SeriesInstrument? found))
        {
            found = new SeriesInstrument(_complain);
            _instruments.Add(first.Name, found);
            string? unit = UnitOf(first.Name);
            if (first.Kind == MetricKind.Gauge)
            {
                _meter.CreateObservableGauge(first.Name, found.ReadAny, unit, first.Help);
            }
            else if (first.IsWhole)
            {
                _meter.CreateObservableCounter(first.Name, found.ReadWhole, unit, first.Help);
            }
            else
            {
                _meter.CreateObservableCounter(first.Name, found.ReadAny, unit, first.Help);
            }
        }

        return found;
    }
}
