using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Decides in which order the records of one section go.</summary>
/// <remarks>A random order (<c>round_robin</c>), or a random first one by weight; then those of preferred networks to the front.</remarks>
internal sealed class RecordOrder(Random random, WeightFile? weights, (ClientAddress Prefix, int Length)[] preferred)
{
    /// <summary>The most records of one kind in a section that are put into an order; more keep theirs.</summary>
    public const int MaxRecords = 128;

    /// <summary>The rank of an address that is in no preferred network.</summary>
    private const byte NotPreferred = byte.MaxValue;

    /// <summary>The weights of now; null for the policy <c>round_robin</c>.</summary>
    public WeightTable? Weights => weights?.Table;

    /// <summary>True when addresses have to be looked at.</summary>
    public bool LooksAtAddresses => weights is not null || preferred.Length > 0;

    /// <summary>The place of an address in the order of preference; 0 goes first.</summary>
    public byte RankOf(in ClientAddress address)
    {
        for (int i = 0; i < preferred.Length; i++)
        {
            if (address.IsIn(preferred[i].Prefix, preferred[i].Length))
            {
                return (byte)i;
            }
        }

        return NotPreferred;
    }

    /// <summary>Puts addresses into an order.</summary>
    /// <param name="order">Takes the indices of the records, in their new order.</param>
    /// <param name="weight">Each record's weight; empty for the policy <c>round_robin</c>.</param>
    /// <param name="rank">Each record's rank; empty when addresses are not looked at.</param>
    public void ArrangeAddresses(Span<ushort> order, ReadOnlySpan<byte> weight, ReadOnlySpan<byte> rank)
    {
        if (weight.IsEmpty)
        {
            Shuffle(order);
        }
        else
        {
            Number(order);
            int first = PickByWeight(weight);
            (order[0], order[first]) = (order[first], order[0]);
        }

        if (preferred.Length > 0 && !rank.IsEmpty)
        {
            SortByRank(order, rank);
        }
    }

    /// <summary>Puts records into a random order, each order as likely as any other.</summary>
    public void Shuffle(Span<ushort> order)
    {
        Number(order);
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }

    private static void Number(Span<ushort> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = (ushort)i;
        }
    }

    private static void SortByRank(Span<ushort> order, ReadOnlySpan<byte> rank)
    {
        for (int i = 1; i < order.Length; i++)
        {
            ushort index = order[i];
            int to = i;
            for (; to > 0 && rank[order[to - 1]] > rank[index]; to--)
            {
                order[to] = order[to - 1];
            }

            order[to] = index;
        }
    }

    private int PickByWeight(ReadOnlySpan<byte> weight)
    {
        int sum = 0;
        foreach (byte one in weight)
        {
            sum += one;
        }

        int left = random.Next(sum);
        int index = 0;
        while (left >= weight[index])
        {
            left -= weight[index++];
        }

        return index;
    }
}
