using System.Numerics;
using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>How an upstream has answered of late: its round trip times, its silences, its failures. Handed on when the configuration is replaced.</summary>
/// <remarks>All times are differences of timestamps. Threads write without a lock: an estimate may lose a sample now and then, never more.</remarks>
internal sealed class UpstreamState
{
    // Sub-buckets to a power of two: a percentile is right to a quarter.
    private const int Steps = 4;
    private const int Buckets = 26 * Steps;
    private const int EnoughSamples = 16;
    private const int SamplesPerReading = 32;
    private const int Memory = 1024;

    // In 1/1024.
    private const int NoticeableLoss = 48;

    private const int OverdueLimit = 8;
    private const int TimeoutLimit = 2;

    private readonly TimeProvider _time;
    private readonly int[] _counts = new int[Buckets];
    private readonly long _millisecond;
    private int _samples;
    private int _kept;
    private long _smoothed = -1;
    private long _variation;
    private long _percentile95;
    private long _answeredAt;
    private long _probedAt;
    private int _overdue;
    private int _timeouts;
    private int _failureShare;
    private int _rated;
    private int _lossShare;
    private long _backAt = long.MinValue;
    private volatile bool _isSilent;

    /// <summary>Knows nothing yet.</summary>
    public UpstreamState(TimeProvider time)
    {
        _time = time;
        _millisecond = Math.Max(1, time.TimestampFrequency / 1000);
        _answeredAt = time.GetTimestamp();
        _probedAt = _answeredAt;
    }

    /// <summary>A millisecond in timestamps.</summary>
    public long Millisecond => _millisecond;

    /// <summary>The present timestamp.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>The smoothed round trip time (RFC 6298 §2); -1 when there is none.</summary>
    public long Smoothed => Volatile.Read(ref _smoothed);

    /// <summary>The smoothed round trip time in seconds; 0 when there is none.</summary>
    public double SmoothedSeconds => Math.Max(0, Smoothed) / (double)_time.TimestampFrequency;

    /// <summary>The time within which nineteen of twenty answers come, in seconds; 0 when too few came.</summary>
    public double Percentile95Seconds => Volatile.Read(ref _percentile95) / (double)_time.TimestampFrequency;

    /// <summary>When it last answered.</summary>
    public long AnsweredAt => Volatile.Read(ref _answeredAt);

    /// <summary>True when queries go unanswered and nothing else is: it is tried last, and asked beside others to see whether it is back.</summary>
    public bool IsSilent => _isSilent;

    /// <summary>When it answered again after a silence; <see cref="long.MinValue"/> when it never fell silent.</summary>
    public long BackAt => Volatile.Read(ref _backAt);

    /// <summary>The share of answers that say SERVFAIL or REFUSED, of late, in 1/1024.</summary>
    public int FailureShare => _rated < EnoughSamples ? 0 : Volatile.Read(ref _failureShare);

    /// <summary>True when questions or answers are lost now and then, though others arrive.</summary>
    public bool IsLossy => !_isSilent && Volatile.Read(ref _lossShare) > NoticeableLoss;

    /// <summary>How long to wait before a second upstream is asked too: the 95th percentile, within bounds.</summary>
    public long HedgeDelay => _samples < EnoughSamples ? 100 * _millisecond : Math.Max(10 * _millisecond, Volatile.Read(ref _percentile95));

    /// <summary>How long to wait before a question or its answer is taken for lost (RFC 6298 §2.3, with bounds of our own).</summary>
    public long RetryDelay => Smoothed < 0 ? 400 * _millisecond : Math.Max(200 * _millisecond, _smoothed + (4 * _variation));

    /// <summary>Notes an answer.</summary>
    /// <param name="roundTrip">How long it took; negative when that says nothing about the upstream.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="isFailure">True for SERVFAIL and REFUSED, null when its code says nothing.</param>
    /// <returns>True when it had been silent.</returns>
    public bool Answered(long roundTrip, long now, bool? isFailure)
    {
        Volatile.Write(ref _answeredAt, now);
        _lossShare -= _lossShare / 32;
        if (_overdue != 0 || _timeouts != 0)
        {
            Volatile.Write(ref _overdue, 0);
            Volatile.Write(ref _timeouts, 0);
        }

        if (isFailure is { } failed)
        {
            // A moving average over about 32 answers.
            _failureShare += ((failed ? 1024 : 0) - _failureShare) / 32;
            _rated = Math.Min(_rated + 1, EnoughSamples);
        }

        if (roundTrip >= 0)
        {
            Measure(roundTrip);
        }

        if (!_isSilent)
        {
            return false;
        }

        Volatile.Write(ref _backAt, now);
        _isSilent = false;
        return true;
    }

    /// <summary>Notes that an answer is later than nearly all are.</summary>
    /// <returns>True when the upstream is taken for silent from now on.</returns>
    public bool Overdue(long now)
    {
        // Many are late and nothing came meanwhile: at many queries a second that takes a few milliseconds.
        int overdue = Interlocked.Increment(ref _overdue);
        return overdue >= OverdueLimit && now - AnsweredAt >= 20 * _millisecond && FallSilent();
    }

    /// <summary>Notes that a question or its answer was most likely lost on the way. Waiting for the timeout would be to learn it too late.</summary>
    public void Lost() => _lossShare += (1024 - _lossShare) / 32;

    /// <summary>Notes that a try failed.</summary>
    /// <param name="status">How.</param>
    /// <param name="startedAt">When it was started: an upstream that answered others since then is not silent, it was this message that got lost.</param>
    /// <returns>True when the upstream is taken for silent from now on.</returns>
    public bool Failed(ExchangeStatus status, long startedAt) => status switch
    {
        ExchangeStatus.TimedOut => AnsweredAt <= startedAt && Interlocked.Increment(ref _timeouts) >= TimeoutLimit && FallSilent(),
        ExchangeStatus.Refused or ExchangeStatus.Unreachable or ExchangeStatus.Untrusted => FallSilent(),
        _ => false,
    };

    /// <summary>Whether it is time to ask the upstream beside another, to learn about it. True for one caller a period.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="milliseconds">The period.</param>
    public bool TryBeginProbe(long now, int milliseconds)
    {
        long last = Volatile.Read(ref _probedAt);
        return now - last >= milliseconds * _millisecond && Interlocked.CompareExchange(ref _probedAt, now, last) == last;
    }

    private bool FallSilent()
    {
        if (_isSilent)
        {
            return false;
        }

        _isSilent = true;
        return true;
    }

    private void Measure(long roundTrip)
    {
        long smoothed = _smoothed;
        if (smoothed < 0)
        {
            _smoothed = roundTrip;
            _variation = roundTrip / 2;
        }
        else
        {
            _variation += (Math.Abs(roundTrip - smoothed) - _variation) / 4;
            _smoothed = smoothed + ((roundTrip - smoothed) / 8);
        }

        int bucket = BucketOf(roundTrip * 1000 / _millisecond);
        _counts[bucket]++;
        _kept++;
        if (++_samples % SamplesPerReading == 0 || _samples == EnoughSamples)
        {
            ReadPercentile();
        }

        if (_samples == int.MaxValue)
        {
            _samples = EnoughSamples;
        }
    }

    private void ReadPercentile()
    {
        int total = 0;
        foreach (int count in _counts)
        {
            total += count;
        }

        int above = total / 20;
        for (int i = Buckets - 1; i >= 0; i--)
        {
            above -= _counts[i];
            if (above < 0)
            {
                Volatile.Write(ref _percentile95, UpperBoundOf(i) * _millisecond / 1000);
                break;
            }
        }

        if (_kept < Memory)
        {
            return;
        }

        // What was long ago counts less and less.
        _kept = 0;
        for (int i = 0; i < Buckets; i++)
        {
            _counts[i] /= 2;
            _kept += _counts[i];
        }
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < Steps)
        {
            return (int)Math.Max(0, microseconds);
        }

        int exponent = BitOperations.Log2((ulong)microseconds);
        int step = (int)(microseconds >> (exponent - 2)) & (Steps - 1);
        return Math.Min(Buckets - 1, ((exponent - 1) * Steps) + step);
    }

    private static long UpperBoundOf(int bucket)
    {
        if (bucket < Steps)
        {
            return bucket + 1;
        }

        int exponent = (bucket / Steps) + 1;
        return (long)(Steps + (bucket % Steps) + 1) << (exponent - 2);
    }
}
