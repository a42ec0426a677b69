using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>In which order a query's upstreams are tried.</summary>
internal static class ForwardOrder
{
    // Shares in 1/1024: an upstream fails when most of its answers are failures, and those of another one are not.
    private const int FailingShare = 512;
    private const int SoundShare = 256;

    /// <summary>Puts the indexes of all upstreams into order: as the policy says, those that are not well last.</summary>
    /// <param name="order">Takes as many indexes as there are upstreams.</param>
    /// <param name="upstreams">The upstreams.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="random">Choices.</param>
    /// <param name="robin">Whose turn it is, for <see cref="ForwardPolicy.RoundRobin"/>.</param>
    /// <returns>True when some are not well.</returns>
    public static bool Fill(Span<byte> order, ForwardUpstream[] upstreams, ForwardPolicy policy, UpstreamRandom random, ref uint robin)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = (byte)i;
        }

        switch (policy)
        {
            case ForwardPolicy.RoundRobin:
                // The chosen one goes first, the others keep their order.
                int first = (int)(Interlocked.Increment(ref robin) % (uint)order.Length);
                for (int i = first; i > 0; i--)
                {
                    order[i] = (byte)(i - 1);
                }

                order[0] = (byte)first;
                break;
            case ForwardPolicy.Sequential:
                break;
            case ForwardPolicy.Fastest:
                random.Shuffle(order);
                SortBySpeed(order, upstreams);
                break;
            default:
                random.Shuffle(order);
                break;
        }

        return SortByHealth(order, upstreams);
    }

    /// <summary>True when an upstream is asked only after others.</summary>
    public static bool IsUnwell(ForwardUpstream upstream) => upstream.State.IsSilent || upstream.IsDown || upstream.State.FailureShare > FailingShare;

    private static void SortBySpeed(Span<byte> order, ForwardUpstream[] upstreams)
    {
        long best = long.MaxValue;
        foreach (ForwardUpstream upstream in upstreams)
        {
            long smoothed = upstream.State.Smoothed;
            best = smoothed >= 0 && smoothed < best ? smoothed : best;
        }

        // Those that are about as fast as the fastest share the work; those nobody has asked yet go before all.
        long enough = best == long.MaxValue ? best : best + (best / 4) + upstreams[0].State.Millisecond;
        Span<long> keys = stackalloc long[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            long smoothed = upstreams[i].State.Smoothed;
            keys[i] = smoothed < 0 ? -1 : smoothed <= enough ? 0 : smoothed;
        }

        Sort(order, keys);
    }

    private static bool SortByHealth(Span<byte> order, ForwardUpstream[] upstreams)
    {
        int best = int.MaxValue;
        bool isAnyUnwell = false;
        foreach (ForwardUpstream upstream in upstreams)
        {
            isAnyUnwell |= upstream.IsOff || IsUnwell(upstream);
            best = Math.Min(best, upstream.State.IsSilent || upstream.IsDown || upstream.IsOff ? int.MaxValue : upstream.State.FailureShare);
        }

        if (!isAnyUnwell)
        {
            return false;
        }

        Span<long> keys = stackalloc long[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            ForwardUpstream upstream = upstreams[i];
            keys[i] = upstream.IsOff ? 4
                : upstream.IsDown ? 3
                : upstream.State.IsSilent ? 2
                : upstream.State.FailureShare > FailingShare && best < SoundShare ? 1 : 0;
        }

        Sort(order, keys);
        return true;
    }

    /// <summary>Sorts a few indexes by their keys; equals keep their order.</summary>
    private static void Sort(Span<byte> order, ReadOnlySpan<long> keys)
    {
        for (int i = 1; i < order.Length; i++)
        {
            byte moving = order[i];
            int at = i;
            while (at > 0 && keys[order[at - 1]] > keys[moving])
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = moving;
        }
    }
}
