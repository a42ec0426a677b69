using System.Diagnostics.Metrics;
using MiniDns.Diagnostics;

namespace MiniDns.Telemetry;

/// <summary>Hands on what one of our histograms has counted to a histogram of OpenTelemetry's, which takes single values only.</summary>
/// <remarks>Queries are counted in cells that no two threads share; a lock and a search by labels for each of them, as an instrument has it, is not
/// for their path. So what has come is handed on from time to time: as many values for each bucket as were counted in it, chosen within the bucket
/// so that their sum is the true one.</remarks>
/// <param name="source">Ours.</param>
/// <param name="target">Theirs, with the same bounds.</param>
/// <param name="labels">The labels.</param>
internal sealed class HistogramFeed(StripedHistogram source, Histogram<double> target, KeyValuePair<string, object?>[] labels)
{
    private const double LowestPart = 1e-6;

    private readonly long[] _cumulative = new long[source.Bounds.Length + 1];
    private readonly long[] _handed = new long[source.Bounds.Length + 1];
    private readonly long[] _fresh = new long[source.Bounds.Length + 1];
    private double _handedSum;

    /// <summary>Hands on what has come since the last time.</summary>
    public void Feed()
    {
        source.Read(_cumulative, out double sum);
        if (!TakeFresh())
        {
            return;
        }

        ReadOnlySpan<double> bounds = source.Bounds;
        (double part, double beyond) = Place(bounds, sum - _handedSum);
        for (int i = 0; i < _fresh.Length; i++)
        {
            double value = i == bounds.Length ? beyond : bounds[i] - ((1 - part) * Width(bounds, i));
            for (long n = _fresh[i]; n > 0; n--)
            {
                target.Record(value, labels);
            }

            _handed[i] += _fresh[i];
            _handedSum += _fresh[i] * value;
        }
    }

    /// <summary>How wide a bucket is. The first one begins at zero: what is observed is never below it.</summary>
    private static double Width(ReadOnlySpan<double> bounds, int bucket) => bounds[bucket] - (bucket == 0 ? 0 : bounds[bucket - 1]);

    private bool TakeFresh()
    {
        bool isAny = false;
        long below = 0;
        for (int i = 0; i < _cumulative.Length; i++)
        {
            _fresh[i] = _cumulative[i] - below - _handed[i];
            below = _cumulative[i];
            isAny |= _fresh[i] != 0;
        }

        return isAny;
    }

    /// <summary>Chooses where in their buckets the values lie: at the same part of each bucket's width, and all values beyond the last bound at one
    /// place, so that they add up to a sum.</summary>
    private (double Part, double Beyond) Place(ReadOnlySpan<double> bounds, double sum)
    {
        double lowest = 0;
        double room = 0;
        for (int i = 0; i < bounds.Length; i++)
        {
            double width = Width(bounds, i);
            lowest += _fresh[i] * (bounds[i] - width);
            room += _fresh[i] * width;
        }

        long beyond = _fresh[^1];
        double last = bounds[^1];
        double justBeyond = double.BitIncrement(last);
        if (beyond > 0)
        {
            double place = (sum - lowest - (room / 2)) / beyond;
            if (place > last)
            {
                return (0.5, place);
            }

            lowest += beyond * justBeyond;
        }

        // The counts and the sum were read while queries came: what does not fit is made up for the next time.
        double part = room > 0 ? (sum - lowest) / room : 1;
        return (Math.Clamp(part, LowestPart, 1), justBeyond);
    }
}
