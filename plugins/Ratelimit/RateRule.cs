namespace MiniDns.Plugins.Ratelimit;

/// <summary>How much may pass, in ticks of 100 ns.</summary>
/// <param name="Cost">The time that one takes to be made good: a second divided by the rate.</param>
/// <param name="Burst">The time that may be taken in advance.</param>
/// <param name="Penalty">The time that those count which were turned down, on top of the burst; 0 when they do not count.</param>
internal sealed record RateRule(long Cost, long Burst, long Penalty)
{
    /// <summary>The highest rate, each second.</summary>
    public const int MaxRate = 1_000_000;

    /// <summary>Responses: as many as the rate at once, and silence until those beyond it are made good, for up to a window.</summary>
    public static RateRule? ForResponses(int rate, TimeSpan window) =>
        rate == 0 ? null : new RateRule(TimeSpan.TicksPerSecond / rate, TimeSpan.TicksPerSecond, window.Ticks);

    /// <summary>A token bucket.</summary>
    public static RateRule? ForQueries(int rate, int burst) =>
        rate == 0 ? null : new RateRule(TimeSpan.TicksPerSecond / rate, TimeSpan.TicksPerSecond / rate * burst, 0);
}
