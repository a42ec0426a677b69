namespace MiniDns.Diagnostics;

/// <summary>Counts how many observed values lie up to each of some bounds, and their sum. Threads do not share cache lines; nothing is
/// allocated by observing.</summary>
public sealed class StripedHistogram
{
    private const int LineLongs = 8;

    private readonly double[] _bounds;
    private readonly int _width;
    private readonly long[] _cells;

    /// <summary>Makes a histogram.</summary>
    /// <param name="bounds">The buckets' upper bounds, inclusive, rising; a last bucket without a bound is added.</param>
    /// <exception cref="ArgumentException">The bounds do not rise.</exception>
    public StripedHistogram(ReadOnlySpan<double> bounds)
    {
        _bounds = bounds.ToArray();
        for (int i = 1; i < _bounds.Length; i++)
        {
            if (_bounds[i] <= _bounds[i - 1])
            {
                throw new ArgumentException("the bounds of a histogram's buckets must rise", nameof(bounds));
            }
        }

        // A stripe: a count for each bucket, one for the values beyond, the sum.
        _width = (_bounds.Length + 2 + LineLongs - 1) / LineLongs * LineLongs;
        _cells = GC.AllocateArray<long>((ThreadStripe.Count * _width) + LineLongs);
    }

    /// <summary>The buckets' upper bounds, without the endless last one.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>Adds a value.</summary>
    public void Observe(double value)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        int at = LineLongs + (ThreadStripe.Current(out bool isShared) * _width);
        ref long count = ref _cells[at + bucket];
        ref long sum = ref _cells[at + _bounds.Length + 1];
        if (!isShared)
        {
            count++;
            sum = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(sum) + value);
            return;
        }

        Interlocked.Increment(ref count);
        long before;
        do
        {
            before = Volatile.Read(ref sum);
        }
        while (Interlocked.CompareExchange(ref sum, BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(before) + value), before) != before);
    }

    /// <summary>Reads the counts, near enough while threads observe.</summary>
    /// <param name="cumulative">Takes, for each bucket and last for all, how many values were at most its bound; one longer than <see cref="Bounds"/>.</param>
    /// <param name="sum">The sum of all values.</param>
    public void Read(Span<long> cumulative, out double sum)
    {
        cumulative.Clear();
        sum = 0;
        for (int stripe = 0; stripe < ThreadStripe.Count; stripe++)
        {
            int at = LineLongs + (stripe * _width);
            for (int i = 0; i <= _bounds.Length; i++)
            {
                cumulative[i] += Volatile.Read(ref _cells[at + i]);
            }

            sum += BitConverter.Int64BitsToDouble(Volatile.Read(ref _cells[at + _bounds.Length + 1]));
        }

        for (int i = 1; i <= _bounds.Length; i++)
        {
            cumulative[i] += cumulative[i - 1];
        }
    }
}
