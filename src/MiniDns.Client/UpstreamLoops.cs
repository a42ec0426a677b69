namespace MiniDns.Client;

/// <summary>The threads that receive answers, shared by any number of upstreams.</summary>
public sealed class UpstreamLoops : IDisposable
{
    private readonly UdpLoop[] _loops;
    private int _next;

    private UpstreamLoops(UdpLoop[] loops, Clock clock)
    {
        _loops = loops;
        Clock = clock;
    }

    internal Clock Clock { get; }

    /// <summary>Starts the threads.</summary>
    /// <param name="count">How many.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onFault">Takes an exception that an observer threw.</param>
    /// <param name="portable">True to do without Linux's batches.</param>
    public static UpstreamLoops Start(int count, TimeProvider time, Action<Exception> onFault, bool portable = false)
    {
        var clock = new Clock(time);
        var loops = new UdpLoop[count];
        for (int i = 0; i < count; i++)
        {
            loops[i] = UdpLoop.Create(clock, onFault, portable, i);
            loops[i].Start();
        }

        return new UpstreamLoops(loops, clock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (UdpLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    internal UdpLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];
}
