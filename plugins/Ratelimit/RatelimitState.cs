using Microsoft.Extensions.Logging;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>What a server block has counted, which outlives its configuration; logs now and then who was limited.</summary>
internal sealed class RatelimitState : IServerComponent
{
    /// <summary>How many networks a report names.</summary>
    public const int Reported = 10;

    private readonly RatelimitOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private ITimer? _timer;

    /// <summary>Takes over what was counted before, when the table is as large and networks are as long.</summary>
    public RatelimitState(RatelimitOptions options, DnsServices services, RatelimitState? previous)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor("ratelimit");
        bool isSame = previous is not null
            && previous._options.Memory == options.Memory
            && previous._options.IPv4Prefix == options.IPv4Prefix
            && previous._options.IPv6Prefix == options.IPv6Prefix;
        Table = isSame ? previous!.Table : new RateTable(options.Memory, services.Time);
    }

    /// <summary>What every network has taken.</summary>
    public RateTable Table { get; }

    /// <summary>Who was limited since the last report.</summary>
    public HeavyHitters Hitters { get; } = new();

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        RateTable table = Table;
        _services.Metrics.Total("minidns_ratelimit_forgotten_total", "Networks forgotten early because the table was full.", () => table.Forgotten);
        if (_options.CookieSecret is { } secret)
        {
            _services.Cookies.UseSecrets(secret, _options.OtherCookieSecret);
        }

        if (_options.LogInterval > TimeSpan.Zero)
        {
            _timer = _services.Time.CreateTimer(static state => ((RatelimitState)state!).Report(), this, _options.LogInterval, _options.LogInterval);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Report()
    {
        foreach ((ClientPrefix client, long count) in Hitters.Drain(Reported))
        {
            RatelimitLog.Limited(_logger, client.Format(_options.IPv4Prefix, _options.IPv6Prefix), count, _options.LogInterval.TotalSeconds);
        }
    }
}
