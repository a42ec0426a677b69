namespace MiniDns.Testing;

/// <summary>Checks that code allocates nothing on its thread.</summary>
public static class AllocationAssert
{
    /// <summary>Runs the action until it is warm, then many times, and fails if any of those runs allocated.</summary>
    public static void None(Action action)
    {
        long least = long.MaxValue;

        // Tiered compilation may allocate on our thread while it swaps code in: one clean round of several is proof enough,
        // for an action that allocates does so in every round.
        for (int round = 0; round < 8 && least > 0; round++)
        {
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
