namespace MiniDns.Diagnostics;

/// <summary>Chooses one of so many calls, in each thread for itself. Threads do not share cache lines; nothing is allocated.</summary>
public sealed class EveryNth
{
    private const int Spacing = 8;      // longs to a cache line

    private readonly long[] _left = GC.AllocateArray<long>((ThreadStripe.Count + 1) * Spacing);
    private readonly int _every;

    /// <summary>Makes a chooser.</summary>
    /// <param name="every">One of how many calls is chosen; 0 for none.</param>
    public EveryNth(int every)
    {
        _every = every;
        Array.Fill(_left, every);
    }

    /// <summary>True for the calls that are chosen.</summary>
    public bool Next()
    {
        if (_every <= 1)
        {
            return _every == 1;
        }

        ref long left = ref _left[(ThreadStripe.Current(out bool isShared) + 1) * Spacing];
        if (isShared)
        {
            if (Interlocked.Decrement(ref left) != 0)
            {
                return false;
            }

            Interlocked.Add(ref left, _every);
            return true;
        }

        if (--left > 0)
        {
            return false;
        }

        left = _every;
        return true;
    }
}
