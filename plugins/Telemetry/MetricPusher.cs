using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Telemetry;

namespace MiniDns.Plugins.Telemetry;

/// <summary>Sends all metrics to a collector, again and again.</summary>
internal sealed class MetricPusher : IServerComponent
{
    /// <summary>How long the end of the server waits for the last message.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    /// <summary>How often histograms are handed on at least: at a hundred thousand queries a second, what has come takes some hundredths of a second.</summary>
    private static readonly TimeSpan FeedInterval = TimeSpan.FromSeconds(1);

    private readonly MetricExports _exports;
    private readonly CollectorSettings _settings;
    private readonly DnsServices _services;
    private readonly TimeSpan _interval;
    private readonly ILogger _log;
    private readonly CollectorReport _report;
    private readonly StripedCounter _sent;
    private readonly StripedCounter _failed;
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private MetricExport? _export;
    private string? _complaint;

    /// <summary>Makes the pusher.</summary>
    /// <param name="exports">The exports of the process.</param>
    /// <param name="settings">Where the metrics go.</param>
    /// <param name="interval">How often.</param>
    /// <param name="services">The metrics, the clock, the log.</param>
    public MetricPusher(MetricExports exports, CollectorSettings settings, TimeSpan interval, DnsServices services)
    {
        _exports = exports;
        _settings = settings;
        _interval = interval;
        _services = services;
        _log = services.LoggerFor("telemetry");
        _report = new CollectorReport(_log, settings.Address, "metrics");
        StripedCounter Count(string result) => services.Metrics.Counter("minidns_telemetry_exports_total", "Messages with metrics to a collector.", ("result", result));
        _sent = Count("taken");
        _failed = Count("failed");
    }

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _export = _exports.Take(_settings, Complain);
        _running = Task.Run(() => RunAsync(_export), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_export is { } export)
        {
            _export = null;
            bool isLast = _exports.IsLast(export);
            if (isLast)
            {
                export.EndAfter(LastPatience);
            }

            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (isLast)
            {
                await Task.Run(() => Push(export)).ConfigureAwait(false);
                export.Dispose();
            }
        }

        _ending.Dispose();
    }

    private async Task RunAsync(MetricExport export)
    {
        TimeSpan step = _interval < FeedInterval ? _interval : FeedInterval;
        using PeriodicTimer timer = new(step, _services.Time);
        long sentAt = _services.Time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
        {
            // Half a step early is nearer than half a step late.
            if (_services.Time.GetElapsedTime(sentAt) + (step / 2) >= _interval)
            {
                sentAt = _services.Time.GetTimestamp();
                Push(export);
            }
            else
            {
                export.Feed(_services.Metrics);
            }
        }
    }

    private void Push(MetricExport export)
    {
        CollectorResult result = export.Send(_services.Metrics);
        (result.IsTaken ? _sent : _failed).Increment();
        _report.Note(result);
    }

    /// <summary>Says what is wrong with a metric, but not again and again.</summary>
    private void Complain(string problem)
    {
        if (Interlocked.Exchange(ref _complaint, problem) != problem)
        {
            TelemetryLog.Problem(_log, problem);
        }
    }
}
