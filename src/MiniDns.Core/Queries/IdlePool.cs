using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Queries;

/// <summary>Objects that wait to be used again, a bounded number of them. For any thread.</summary>
/// <param name="limit">The most objects that are kept; further ones are left to the collector.</param>
/// <typeparam name="T">What is kept.</typeparam>
public sealed class IdlePool<T>(int limit)
    where T : class
{
    private readonly ConcurrentQueue<T> _idle = new();
    private int _count;

    /// <summary>How many are kept.</summary>
    public int Count => Math.Min(Volatile.Read(ref _count), limit);

    /// <summary>Takes one.</summary>
    /// <returns>False when there is none: the caller makes one.</returns>
    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        if (!_idle.TryDequeue(out item))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Keeps one, unless as many are kept as may be. Nobody else may use it any more.</summary>
    /// <returns>False when it is not kept.</returns>
    public bool Return(T item)
    {
        if (Interlocked.Increment(ref _count) <= limit)
        {
            _idle.Enqueue(item);
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }
}
