namespace MiniDns.Cluster.Api;

/// <summary>How long to wait after failures in a row: longer each time, and never the same for two servers.</summary>
internal sealed class Backoff(TimeProvider time, Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A server that asks for more patience than this is asked again anyway.</summary>
    private static readonly TimeSpan LongestAskedFor = TimeSpan.FromMinutes(2);

    /// <summary>A success counts when it lasted: this long more than the waits before it.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    private int _failures;
    private long _lastAt;
    private TimeSpan _lastWait;

    /// <summary>The wait after one more failure.</summary>
    /// <param name="askedFor">What the server asked for in <c>Retry-After</c>, if it did.</param>
    public TimeSpan Next(TimeSpan? askedFor)
    {
        _lastAt = time.GetTimestamp();
        _lastWait = Wait(askedFor);
        return _lastWait;
    }

    /// <summary>All is well; what fails next fails for the first time, unless it failed just now too.</summary>
    public void Reset()
    {
        if (_failures > 0 && time.GetElapsedTime(_lastAt) > (_lastWait * 2) + Lasting)
        {
            _failures = 0;
        }
    }

    private TimeSpan Wait(TimeSpan? askedFor)
    {
        double limit = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 20)));
        _failures++;
        var own = TimeSpan.FromMilliseconds(limit * (0.5 + (random.NextDouble() / 2)));
        if (askedFor is not { } asked || asked <= own)
        {
            return own;
        }

        // What is asked for is the same for everybody; coming back all at once is what must not be.
        asked = asked < LongestAskedFor ? asked : LongestAskedFor;
        return asked + (asked * (random.NextDouble() / 10));
    }
}
