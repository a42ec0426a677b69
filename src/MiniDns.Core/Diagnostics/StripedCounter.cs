using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDns.Diagnostics;

/// <summary>A counter that threads add to without sharing a cache line; summed when it is read.</summary>
public sealed class StripedCounter
{
    private const int Stripes = 32;
    private const int Spacing = 8;      // longs to a cache line

    [ThreadStatic]
    private static int t_stripe;
    private static int s_threads;

    private readonly long[] _cells = GC.AllocateArray<long>((Stripes + 1) * Spacing);

    /// <summary>The sum, near enough while threads add.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            for (int i = 1; i <= Stripes; i++)
            {
                sum += Volatile.Read(ref _cells[i * Spacing]);
            }

            return sum;
        }
    }

    /// <summary>Adds one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment() => Add(1);

    /// <summary>Adds a number.</summary>
    public void Add(long amount)
    {
        int stripe = t_stripe;
        if (stripe == 0)
        {
            t_stripe = stripe = (Interlocked.Increment(ref s_threads) & 0x3FFFFFFF) + Stripes;
        }

        // The first threads, which are the socket workers, own a stripe; those that come later share the last ones.
        int owned = stripe - Stripes;
        if (owned < Stripes - 8)
        {
            _cells[owned * Spacing] += amount;
        }
        else
        {
            Interlocked.Add(ref _cells[(Stripes - 7 + (owned & 7)) * Spacing], amount);
        }
    }
}
