using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>The receiving threads, one set for all <c>forward</c> directives of a process that share a clock; they end with their last user.</summary>
internal sealed class SharedLoops
{
    /// <summary>A thread keeps up with more answers than one listener's thread sends queries.</summary>
    private const int MaxThreads = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<TimeProvider, (UpstreamLoops Loops, int Users)> _sets = [];

    /// <summary>Starts the threads, or joins those that run.</summary>
    public UpstreamLoops Acquire(TimeProvider time, Action<Exception> onFault)
    {
        lock (_lock)
        {
            (UpstreamLoops loops, int users) = _sets.TryGetValue(time, out (UpstreamLoops Loops, int Users) set)
                ? set
                : (UpstreamLoops.Start(Math.Clamp(Environment.ProcessorCount, 1, MaxThreads), time, onFault), 0);
            _sets[time] = (loops, users + 1);
            return loops;
        }
    }

    /// <summary>Leaves the threads.</summary>
    public void Release(TimeProvider time)
    {
        UpstreamLoops? last = null;
        lock (_lock)
        {
            (UpstreamLoops loops, int users) = _sets[time];
            if (users == 1)
            {
                _sets.Remove(time);
                last = loops;
            }
            else
            {
                _sets[time] = (loops, users - 1);
            }
        }

        last?.Dispose();
    }
}
