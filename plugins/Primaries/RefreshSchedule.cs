namespace MiniDns.Plugins.Primaries;

/// <summary>When a zone's primaries are asked next, and when its data is too old to be served. Knows nothing of sockets and clocks.</summary>
/// <remarks>Times are spans since some moment in the past, of a clock that never goes back. Not for parallel use.</remarks>
/// <param name="random">Gives numbers from 0 up to, and without, 1.</param>
internal sealed class RefreshSchedule(Func<double> random)
{
    /// <summary>How long a zone without data waits after the first failure; twice as long after each further one.</summary>
    public static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest that a zone without data waits.</summary>
    public static readonly TimeSpan LastBackOff = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RefreshJitter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryJitter = TimeSpan.FromSeconds(2);

    private TimeSpan _backOff = FirstBackOff;
    private ZoneTimers? _timers;

    /// <summary>When the primaries are asked next.</summary>
    public TimeSpan NextCheck { get; private set; }

    /// <summary>When a primary last said that the data is its newest; null without data.</summary>
    public TimeSpan? ConfirmedAt { get; private set; }

    /// <summary>When the data is too old; null without data.</summary>
    public TimeSpan? ExpiresAt => ConfirmedAt + _timers?.Expire;

    /// <summary>True when there is data that must not be served any more.</summary>
    public bool IsExpired(TimeSpan now) => ExpiresAt <= now;

    /// <summary>Notes data that was confirmed a while ago: read from disk, or taken over. The primaries are asked at once.</summary>
    public void Restored(ZoneTimers timers, TimeSpan confirmedAt, TimeSpan now)
    {
        _timers = timers;
        ConfirmedAt = confirmedAt;
        NextCheck = now;
    }

    /// <summary>Continues what another schedule began.</summary>
    public void Continue(RefreshSchedule other)
    {
        _timers = other._timers;
        _backOff = other._backOff;
        ConfirmedAt = other.ConfirmedAt;
        NextCheck = other.NextCheck;
    }

    /// <summary>Notes that a primary gave its newest version, or said that we have it.</summary>
    public void Confirmed(ZoneTimers timers, TimeSpan now)
    {
        _timers = timers;
        _backOff = FirstBackOff;
        ConfirmedAt = now;
        NextCheck = now + timers.Refresh + Jitter(timers.Refresh, RefreshJitter);
    }

    /// <summary>Notes that no primary could help.</summary>
    public void Failed(TimeSpan now)
    {
        if (_timers is { } timers)
        {
            NextCheck = now + timers.Retry + Jitter(timers.Retry, RetryJitter);
            return;
        }

        // Up to a fifth less, so that zones that failed together do not ask together.
        NextCheck = now + (_backOff * (1 - (0.2 * random())));
        _backOff = _backOff * 2 < LastBackOff ? _backOff * 2 : LastBackOff;
    }

    /// <summary>Has the primaries asked at once (RFC 1996 §4.3).</summary>
    public void Hurry(TimeSpan now) => NextCheck = now < NextCheck ? now : NextCheck;

    /// <summary>Some time more, at most a quarter of the interval.</summary>
    private TimeSpan Jitter(TimeSpan interval, TimeSpan most) => (interval / 4 < most ? interval / 4 : most) * random();
}
