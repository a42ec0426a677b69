using MiniDns.Diagnostics;
using MiniDns.Plugins.Collectors;

namespace MiniDns.Plugins.Telemetry;

/// <summary>Sends all metrics to a collector, again and again. Totals go on counting when a message is lost, so that none is sent twice.</summary>
internal sealed class MetricPusher : IServerComponent
{
    /// <summary>How long the end of the server waits for the last message.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private readonly CollectorSettings _settings;
    private readonly DnsServices _services;
    private readonly TimeSpan _interval;
    private readonly DateTimeOffset _startedAt;
    private readonly CollectorReport _report;
    private readonly StripedCounter _sent;
    private readonly StripedCounter _failed;
    private readonly ProtobufWriter _writer = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private CollectorSender? _sender;

    /// <summary>Makes the pusher.</summary>
    /// <param name="settings">Where the metrics go.</param>
    /// <param name="interval">How often.</param>
    /// <param name="startedAt">Since when totals count.</param>
    /// <param name="services">The metrics, the clock, the log.</param>
    public MetricPusher(CollectorSettings settings, TimeSpan interval, DateTimeOffset startedAt, DnsServices services)
    {
        _settings = settings;
        _interval = interval;
        _startedAt = startedAt;
        _services = services;
        _report = new CollectorReport(services.LoggerFor("telemetry"), settings.Address, "metrics");
        StripedCounter Count(string result) => services.Metrics.Counter("minidns_telemetry_exports_total", "Messages with metrics to a collector.", ("result", result));
        _sent = Count("taken");
        _failed = Count("failed");
    }

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _sender = new CollectorSender(_settings);
        _running = RunAsync();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_sender is { } sender)
        {
            _sender = null;
            using CancellationTokenSource patience = new(LastPatience);
            await PushAsync(sender, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            sender.Dispose();
        }

        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(_interval, _services.Time);
        while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
        {
            await PushAsync(_sender!, _ending.Token).ConfigureAwait(false);
        }
    }

    private async Task PushAsync(CollectorSender sender, CancellationToken cancellationToken)
    {
        CollectorResult result = TryWrite() is { } problem
            ? new CollectorResult(problem, TimeSpan.Zero)
            : await sender.SendAsync(_writer.Written, cancellationToken).ConfigureAwait(false);
        (result.IsTaken ? _sent : _failed).Increment();
        _report.Note(result);
    }

    /// <summary>Writes the message.</summary>
    /// <returns>Why there is none; null when there is.</returns>
    private string? TryWrite()
    {
        try
        {
            OtlpMetrics.Write(_writer, _settings, _services.Metrics.Snapshot(), Nanoseconds(_startedAt), Nanoseconds(_services.Time.GetUtcNow()));
            return null;
        }
        catch (Exception e)
        {
            // A gauge that cannot be read now may be next time.
            return $"a metric cannot be read: {e.Message}";
        }
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
