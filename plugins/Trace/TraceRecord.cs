using System.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins.Trace;

/// <summary>The spans of one query.</summary>
internal sealed class TraceRecord : QuerySpans
{
    /// <summary>The most spans; further ones are counted and left out.</summary>
    public const int MostSpans = 256;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _now;
    private readonly DateTime _wall;
    private SpanData[] _spans = new SpanData[8];
    private int _count;
    private int _left;
    private bool _isDone;

    /// <summary>Begins with a first span, from the arrival of the query on.</summary>
    /// <param name="name">The name of the first span.</param>
    /// <param name="receivedAt">When the query arrived.</param>
    /// <param name="time">The clock.</param>
    /// <param name="client">The client's span that the query is a part of; none by default.</param>
    public TraceRecord(string name, long receivedAt, TimeProvider time, ActivityContext client = default)
    {
        Id = client == default ? ActivityTraceId.CreateRandom() : client.TraceId;
        ClientSpan = client.SpanId;
        _time = time;
        _now = time.GetTimestamp();
        _wall = time.GetUtcNow().UtcDateTime;
        Begin(name, None);
        _spans[0].Start = receivedAt;
    }

    /// <summary>What the trace is known by.</summary>
    public ActivityTraceId Id { get; }

    /// <summary>The client's span that the first one is a part of; none for a trace that begins here.</summary>
    public ActivitySpanId ClientSpan { get; }

    /// <summary>How many spans were left out because there were too many.</summary>
    public int LeftOut => _left;

    /// <inheritdoc/>
    public override string TraceId => Id.ToHexString();

    /// <summary>The spans, once the query has ended.</summary>
    public ReadOnlySpan<SpanData> Spans => _spans.AsSpan(0, _count);

    /// <inheritdoc/>
    public override int Begin(string name, int parent, bool isClient = false)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_isDone)
            {
                return None;
            }

            if (_count == MostSpans)
            {
                _left++;
                return None;
            }

            if (_count == _spans.Length)
            {
                Array.Resize(ref _spans, _count * 2);
            }

            _spans[_count] = new SpanData { Name = name, Parent = parent, IsClient = isClient, Start = now };
            return _count++;
        }
    }

    /// <inheritdoc/>
    public override void Tag(int span, string name, string value)
    {
        lock (_lock)
        {
            if (!_isDone && span >= 0)
            {
                (_spans[span].Tags ??= []).Add(new(name, value));
            }
        }
    }

    /// <inheritdoc/>
    public override void End(int span, string? error = null)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
        {
            if (!_isDone && span >= 0)
            {
                _spans[span].End = now;
                _spans[span].Error = error;
            }
        }
    }

    /// <summary>Ends the trace, and with it all spans that have not ended.</summary>
    /// <param name="error">What went wrong with the query; null when nothing did.</param>
    public void Finish(string? error)
    {
        End(0, error);
        lock (_lock)
        {
            _isDone = true;
            for (int i = 1; i < _count; i++)
            {
                _spans[i].End = _spans[i].End == 0 ? _spans[0].End : _spans[i].End;
            }
        }
    }

    /// <summary>Turns a timestamp of the clock into the time of day (UTC).</summary>
    public DateTime TimeOf(long timestamp) => _wall + _time.GetElapsedTime(_now, timestamp);
}
