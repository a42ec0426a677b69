namespace MiniDns.Telemetry;

/// <summary>What became of a message to a collector.</summary>
/// <param name="Problem">What went wrong; null when it was taken.</param>
/// <param name="RetryAfter">When it is worth trying again; null when it is not.</param>
public readonly record struct CollectorResult(string? Problem, TimeSpan? RetryAfter)
{
    /// <summary>It was taken.</summary>
    public static CollectorResult Taken { get; } = new(null, null);

    /// <summary>True when it was taken.</summary>
    public bool IsTaken => Problem is null;
}
