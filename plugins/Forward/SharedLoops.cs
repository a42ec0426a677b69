using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>The threads that receive answers and look after queries, one set for all <c>forward</c> directives of a process that share a clock;
/// they end with their last user.</summary>
internal sealed class SharedLoops
{
    /// <summary>A thread keeps up with more answers than one listener's thread sends queries.</summary>
    private const int MaxThreads = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<TimeProvider, (UpstreamLoops Loops, ForwardPacer Pacer, int Users)> _sets = [];

    /// <summary>Starts the threads, or joins those that run.</summary>
    public (UpstreamLoops Loops, ForwardPacer Pacer) Acquire(TimeProvider time, Action<Exception> onFault)
    {
        lock (_lock)
        {
            if (!_sets.TryGetValue(time, out (UpstreamLoops Loops, ForwardPacer Pacer, int Users) set))
            {
                set = (UpstreamLoops.Start(Math.Clamp(Environment.ProcessorCount, 1, MaxThreads), time, onFault), new ForwardPacer(time, onFault), 0);
            }

            _sets[time] = (set.Loops, set.Pacer, set.Users + 1);
            return (set.Loops, set.Pacer);
        }
    }

    /// <summary>Leaves the threads.</summary>
    public void Release(TimeProvider time)
    {
        (UpstreamLoops Loops, ForwardPacer Pacer, int Users) set;
        lock (_lock)
        {
            set = _sets[time];
            if (set.Users > 1)
            {
                _sets[time] = (set.Loops, set.Pacer, set.Users - 1);
                return;
            }

            _sets.Remove(time);
        }

        set.Pacer.Dispose();
        set.Loops.Dispose();
    }
}
