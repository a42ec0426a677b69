using System.Diagnostics;

namespace MiniDns.Testing;

/// <summary>Checks that code allocates nothing on its thread.</summary>
public static class AllocationAssert
{
    /// <summary>How long the compiler is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs the action until it is warm, then many times, and fails if any of those runs allocated.</summary>
    public static void None(Action action)
    {
        long least = long.MaxValue;

        // Code that is not yet compiled well boxes what later stays on the stack, and on a busy machine the compiler takes its time. One clean
        // round is proof enough, for an action that allocates does so in every round.
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; least > 0 && (round < 8 || Stopwatch.GetElapsedTime(start) < Patience); round++)
        {
            if (round >= 8)
            {
                Thread.Sleep(10);
            }

            for (int i = 0; i < 200; i++)
            {
                action();
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        if (least > 0)
        {
            throw new InvalidOperationException($"{least} octets were allocated in 100 runs; none were expected");
        }
    }
}
