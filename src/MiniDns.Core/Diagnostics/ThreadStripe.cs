using System.Runtime.CompilerServices;

namespace MiniDns.Diagnostics;

/// <summary>Gives each thread a stripe of its own to count in, as long as there are any; the threads that come later share a few.</summary>
/// <remarks>The first threads are the socket workers, whose counting has to cost nothing.</remarks>
internal static class ThreadStripe
{
    /// <summary>How many stripes there are.</summary>
    public const int Count = 32;

    /// <summary>How many of them, the last ones, are shared.</summary>
    public const int SharedCount = 8;

    [ThreadStatic]
    private static int t_ordinal;
    private static int s_threads;

    /// <summary>The present thread's stripe.</summary>
    /// <param name="isShared">True when other threads write to it too: only interlocked additions are right.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Current(out bool isShared)
    {
        int ordinal = t_ordinal;
        if (ordinal == 0)
        {
            t_ordinal = ordinal = Next();
        }

        isShared = ordinal > Count - SharedCount;
        return isShared ? Count - SharedCount + (ordinal & (SharedCount - 1)) : ordinal - 1;
    }

    private static int Next() => (Interlocked.Increment(ref s_threads) - 1 & 0x3FFFFFFF) + 1;
}
