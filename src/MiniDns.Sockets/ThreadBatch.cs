namespace MiniDns.Sockets;

/// <summary>
/// Lets a thread that completes many queries in one go put off what each completion would do by itself: replies are
/// collected and go out with one system call when the batch is closed.
/// </summary>
public static class ThreadBatch
{
    [ThreadStatic]
    private static List<IFlushable>? t_pending;

    [ThreadStatic]
    private static int t_depth;

    /// <summary>Opens a batch on this thread; each needs its <see cref="Close"/>.</summary>
    public static void Open()
    {
        t_pending ??= [];
        t_depth++;
    }

    /// <summary>Puts a flush off to the end of the batch.</summary>
    /// <returns>False when no batch is open on this thread: the caller flushes now.</returns>
    public static bool TryPutOff(IFlushable work)
    {
        if (t_depth == 0)
        {
            return false;
        }

        if (!t_pending!.Contains(work))
        {
            t_pending.Add(work);
        }

        return true;
    }

    /// <summary>Closes the batch and, when it is the outermost, does what was put off.</summary>
    public static void Close()
    {
        if (--t_depth > 0)
        {
            return;
        }

        List<IFlushable> pending = t_pending!;
        int next = 0;
        try
        {
            while (next < pending.Count)
            {
                pending[next++].Flush();
            }
        }
        finally
        {
            // One that threw is done; what stands behind it still waits for its turn.
            pending.RemoveRange(0, next);
            if (pending.Count > 0)
            {
                t_depth++;
                Close();
            }
        }
    }
}
