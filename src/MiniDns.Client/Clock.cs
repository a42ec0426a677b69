namespace MiniDns.Client;

/// <summary>Timestamps and their differences.</summary>
internal readonly struct Clock(TimeProvider time)
{
    public TimeProvider Provider { get; } = time;

    public long Now => Provider.GetTimestamp();

    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Provider.TimestampFrequency);

    /// <summary>The time until a deadline; zero when it has passed.</summary>
    public TimeSpan Left(long deadline)
    {
        TimeSpan left = Provider.GetElapsedTime(Now, deadline);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
