using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Trace;

/// <summary>Traces that wait to be sent, so many spans at most: what comes when it is full is dropped and counted, and nobody waits.</summary>
/// <param name="mostSpans">The most spans.</param>
/// <param name="batchSpans">The spans that are worth a message.</param>
/// <param name="dropped">Counts the spans that are dropped.</param>
internal sealed class TraceQueue(int mostSpans, int batchSpans, StripedCounter dropped) : IDisposable
{
    private readonly ConcurrentQueue<TraceRecord> _records = [];
    private readonly SemaphoreSlim _batch = new(0);
    private int _spans;
    private int _isAsked;

    /// <summary>Takes a trace that has ended.</summary>
    public void Add(TraceRecord record)
    {
        int spans = record.Spans.Length;
        if (Interlocked.Add(ref _spans, spans) > mostSpans)
        {
            Interlocked.Add(ref _spans, -spans);
            dropped.Add(spans + record.LeftOut);
            return;
        }

        if (record.LeftOut > 0)
        {
            dropped.Add(record.LeftOut);
        }

        _records.Enqueue(record);
        if (Volatile.Read(ref _spans) >= batchSpans && Interlocked.Exchange(ref _isAsked, 1) == 0)
        {
            _batch.Release();
        }
    }

    /// <summary>Gives the oldest trace.</summary>
    public bool TryTake([NotNullWhen(true)] out TraceRecord? record)
    {
        if (!_records.TryDequeue(out record))
        {
            return false;
        }

        Interlocked.Add(ref _spans, -record.Spans.Length);
        return true;
    }

    /// <summary>Waits until there is enough for a message, or for some time.</summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _spans) < batchSpans)
        {
            await _batch.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        }

        Volatile.Write(ref _isAsked, 0);
    }

    /// <summary>Ends the waiting.</summary>
    public void Wake() => _batch.Release();

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
