using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Forward;

/// <summary>How many queries may be sent to a second upstream only because the first is late: a share of all, saved up to a limit.</summary>
/// <param name="share">The share, 0 to 1.</param>
internal sealed class HedgeBudget(double share)
{
    private const int Most = 100;

    private readonly StripedCounter _queries = new();
    private long _seen;
    private double _rest;
    private int _tokens = Most / 2;

    /// <summary>Counts a query in.</summary>
    public void Note() => _queries.Increment();

    /// <summary>Takes one.</summary>
    /// <returns>False when there is none left.</returns>
    public bool TryTake()
    {
        if (Volatile.Read(ref _tokens) <= 0)
        {
            return false;
        }

        if (Interlocked.Decrement(ref _tokens) >= 0)
        {
            return true;
        }

        Interlocked.Increment(ref _tokens);
        return false;
    }

    /// <summary>Adds what the queries since the last time have earned. One thread at a time.</summary>
    public void Fill()
    {
        long queries = _queries.Value;
        _rest += (queries - _seen) * share;
        _seen = queries;
        int whole = (int)Math.Min(_rest, Most - Volatile.Read(ref _tokens));
        _rest -= Math.Floor(_rest);
        if (whole > 0)
        {
            Interlocked.Add(ref _tokens, whole);
        }
    }
}
