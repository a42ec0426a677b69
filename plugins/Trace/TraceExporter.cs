using System.Diagnostics;
using MiniDns.Diagnostics;
using MiniDns.Telemetry;

namespace MiniDns.Plugins.Trace;

/// <summary>Sends traces to a collector, many at a time. What it does not take for now is tried again a few times, and then dropped and counted.</summary>
internal sealed class TraceExporter : IServerComponent
{
    private const int MostTries = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>How long the end of the server waits for the last traces to be taken.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly CollectorSettings _settings;
    private readonly TraceOptions _options;
    private readonly TraceQueue _queue;
    private readonly TimeProvider _time;
    private readonly CollectorReport _report;
    private readonly StripedCounter _sent;
    private readonly StripedCounter _dropped;
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private SpanExport? _export;
    private volatile bool _isLast;

    /// <summary>Makes the exporter.</summary>
    /// <param name="settings">Where the traces go.</param>
    /// <param name="options">How large messages are, and how long traces wait.</param>
    /// <param name="queue">The traces.</param>
    /// <param name="services">The metrics, the clock, the log.</param>
    public TraceExporter(CollectorSettings settings, TraceOptions options, TraceQueue queue, DnsServices services)
    {
        _settings = settings;
        _options = options;
        _queue = queue;
        _time = services.Time;
        _report = new CollectorReport(services.LoggerFor("trace"), settings.Address, "traces");
        _sent = services.Metrics.Counter("minidns_trace_spans_total", "Spans that a collector took.");
        _dropped = DroppedBy(services.Metrics, "collector");
    }

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <summary>The counter of the spans that are dropped for a reason.</summary>
    public static StripedCounter DroppedBy(MetricRegistry metrics, string reason) => metrics.Counter(
        "minidns_trace_dropped_spans_total", "Spans that were dropped because too many waited, or the collector did not take them.", ("reason", reason));

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _export = SpanExport.To(_settings);
        _running = Task.Run(() => RunAsync(_export), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _ending.CancelAfter(LastPatience);
        _export?.EndAfter(LastPatience);
        _isLast = true;
        _queue.Wake();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _export?.Dispose();
        _queue.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync(SpanExport export)
    {
        List<Activity> batch = [];
        while (true)
        {
            bool isLast = _isLast;
            if (!isLast)
            {
                await _queue.WaitAsync(_options.Interval, _ending.Token).ConfigureAwait(false);
            }

            while (Take(batch))
            {
                CollectorResult result = await SendAsync(export, [.. batch]).ConfigureAwait(false);
                (result.IsTaken ? _sent : _dropped).Add(batch.Count);
                _report.Note(result);
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private bool Take(List<Activity> batch)
    {
        batch.Clear();
        while (batch.Count < _options.BatchSpans && _queue.TryTake(out TraceRecord? record))
        {
            TraceActivities.Add(batch, record);
        }

        return batch.Count > 0;
    }

    private async Task<CollectorResult> SendAsync(SpanExport export, Activity[] spans)
    {
        TimeSpan pause = FirstPause;
        for (int i = 1; ; i++)
        {
            CollectorResult result = export.Send(spans);
            if (result.RetryAfter is not { } wait || i == MostTries || _isLast)
            {
                return result;
            }

            _report.Note(result);
            wait = wait > pause ? wait : pause;
            await Task.Delay(wait < LongestPause ? wait : LongestPause, _time, _ending.Token).ConfigureAwait(false);
            pause *= 2;
        }
    }
}
