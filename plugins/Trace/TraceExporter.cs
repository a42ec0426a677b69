using System.Buffers;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Collectors;

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
    private readonly ProtobufWriter _protobuf = new();
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private CollectorSender? _sender;
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
        _sender = new CollectorSender(_settings);
        _running = RunAsync(_sender);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _ending.CancelAfter(LastPatience);
        _isLast = true;
        _queue.Wake();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sender?.Dispose();
        _queue.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync(CollectorSender sender)
    {
        List<TraceRecord> batch = [];
        while (true)
        {
            bool isLast = _isLast;
            if (!isLast)
            {
                await _queue.WaitAsync(_options.Interval, _ending.Token).ConfigureAwait(false);
            }

            while (Take(batch) is > 0 and int spans)
            {
                CollectorResult result = await SendAsync(sender, batch).ConfigureAwait(false);
                (result.IsTaken ? _sent : _dropped).Add(spans);
                _report.Note(result);
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private int Take(List<TraceRecord> batch)
    {
        batch.Clear();
        int spans = 0;
        while (spans < _options.BatchSpans && _queue.TryTake(out TraceRecord? record))
        {
            batch.Add(record);
            spans += record.Spans.Length;
        }

        return spans;
    }

    private async Task<CollectorResult> SendAsync(CollectorSender sender, List<TraceRecord> batch)
    {
        ReadOnlyMemory<byte> message;
        if (_settings.Protocol == CollectorProtocol.Zipkin)
        {
            ZipkinSpans.Write(_json, _settings, batch);
            message = _json.WrittenMemory;
        }
        else
        {
            OtlpSpans.Write(_protobuf, _settings, batch);
            message = _protobuf.Written;
        }

        TimeSpan pause = FirstPause;
        for (int i = 1; ; i++)
        {
            CollectorResult result = await sender.SendAsync(message, _ending.Token).ConfigureAwait(false);
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
