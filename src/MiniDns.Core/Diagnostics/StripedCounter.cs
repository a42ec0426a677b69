using System.Runtime.CompilerServices;

namespace MiniDns.Diagnostics;

/// <summary>A counter that threads add to without sharing a cache line; summed when it is read.</summary>
public sealed class StripedCounter
{
    private const int Spacing = 8;      // longs to a cache line

    // A line before the first stripe keeps the array's header out of its way.
    private readonly long[] _cells = GC.AllocateArray<long>((ThreadStripe.Count + 1) * Spacing);

    /// <summary>The sum, near enough while threads add.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            for (int i = 1; i <= ThreadStripe.Count; i++)
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
        ref long cell = ref _cells[(ThreadStripe.Current(out bool isShared) + 1) * Spacing];
        if (isShared)
        {
            Interlocked.Add(ref cell, amount);
        }
        else
        {
            cell += amount;
        }
    }
}
