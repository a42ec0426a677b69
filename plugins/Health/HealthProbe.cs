using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Health;

/// <summary>Asks for the server's own health page once a second: a process that is overloaded is slow to answer even itself.</summary>
internal sealed class HealthProbe : IServerComponent
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly Uri _page;
    private readonly Func<HttpMessageHandler> _connect;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StripedCounter _failures;
    private readonly StripedHistogram _duration;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Makes the probe; it does nothing before it is started.</summary>
    public HealthProbe(Uri page, Func<HttpMessageHandler> connect, DnsServices services, ILogger log)
    {
        _page = page;
        _connect = connect;
        _time = services.Time;
        _log = log;
        _failures = services.Metrics.Counter("coredns_health_request_failures_total", "Requests of the server for its own health page that failed.");
        _duration = services.Metrics.Histogram("coredns_health_request_duration_seconds", "How long the server took to answer its own request for its health page.", MetricBuckets.RoughSeconds);
    }

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using HttpClient client = new(_connect()) { Timeout = Patience };
        using PeriodicTimer timer = new(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await AskAsync(client).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the end
        }
    }

    private async Task AskAsync(HttpClient client)
    {
        long start = _time.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await client.GetAsync(_page, _stop.Token).ConfigureAwait(false);
            TimeSpan elapsed = _time.GetElapsedTime(start);
            _duration.Observe(elapsed.TotalSeconds);
            if (elapsed > Slow)
            {
                HealthLog.ProbeSlow(_log, _page, elapsed.TotalSeconds);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !_stop.IsCancellationRequested)
        {
            _failures.Increment();
            HealthLog.ProbeFailed(_log, _page, e.Message);
        }
    }
}
