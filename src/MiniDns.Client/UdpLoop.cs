using System.Net.Sockets;

namespace MiniDns.Client;

/// <summary>A thread that owns upstream sockets: it receives their answers and ends their exchanges itself, without a hop to another thread.</summary>
/// <remarks>Deadlines are found by going over the tables of waiting exchanges every <see cref="SweepMilliseconds"/>: no timer per query,
/// nothing to start or cancel on a query's way.</remarks>
internal abstract class UdpLoop : IDisposable
{
    /// <summary>How often deadlines are looked at while exchanges wait.</summary>
    protected const int SweepMilliseconds = 20;

    /// <summary>How often sockets are looked at while nothing waits on them.</summary>
    protected const int IdleMilliseconds = 100;

    private readonly Lock _lock = new();
    private readonly List<ISweepable> _added = [];
    private readonly List<ISweepable> _members = [];
    private readonly Thread _thread;
    private readonly Clock _clock;
    private readonly Action<Exception> _onFault;
    private volatile bool _stopping;

    protected UdpLoop(Clock clock, Action<Exception> onFault, string name)
    {
        _clock = clock;
        _onFault = onFault;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    /// <summary>The sockets to wait for. For the loop's thread.</summary>
    protected List<UdpUpstreamSocket> Sockets { get; } = [];

    /// <summary>Makes the loop for this system.</summary>
    public static UdpLoop Create(Clock clock, Action<Exception> onFault, bool portable, int number) =>
        portable || !OperatingSystem.IsLinux()
            ? new PortableUdpLoop(clock, onFault, number)
            : new BatchUdpLoop(clock, onFault, number);

    public void Start() => _thread.UnsafeStart();

    /// <summary>Gives the loop something to look after; a socket is also waited for.</summary>
    /// <returns>False when the loop has stopped.</returns>
    public bool Add(ISweepable member)
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return false;
            }

            _added.Add(member);
        }

        Wake();
        return true;
    }

    /// <summary>Makes the loop look at its sockets now.</summary>
    public abstract void Wake();

    /// <summary>Sends what has collected on a socket. Any thread, under the socket's lock.</summary>
    /// <returns>False when something could not be sent because the upstream cannot be reached.</returns>
    public abstract bool Flush(UdpUpstreamSocket socket);

    /// <summary>Stops: waiting exchanges end as <see cref="ExchangeStatus.Stopped"/>, sockets are closed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        Wake();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        Release();
    }

    /// <summary>Waits for answers and takes them in.</summary>
    /// <param name="milliseconds">The longest wait; -1 for no limit.</param>
    protected abstract void WaitAndReceive(int milliseconds);

    protected abstract void Release();

    protected void Fault(Exception fault) => _onFault(fault);

    private void Run()
    {
        long sweptAt = _clock.Now;
        long sweepEvery = _clock.Ticks(TimeSpan.FromMilliseconds(SweepMilliseconds));
        bool waiting = false;
        while (true)
        {
            TakeAdded();
            if (_stopping)
            {
                break;
            }

            try
            {
                WaitAndReceive(waiting ? SweepMilliseconds : _members.Count > 0 ? IdleMilliseconds : Timeout.Infinite);
            }
            catch (Exception fault)
            {
                Fault(fault);
            }

            // A clock that stands still, as in tests, sweeps all the time, which is right too.
            long now = _clock.Now;
            if (now - sweptAt >= sweepEvery || now - sweptAt <= 0 || !waiting)
            {
                sweptAt = now;
                waiting = Sweep(now);
            }
        }

        foreach (ISweepable member in _members)
        {
            Guard(member, static m => m.Stop());
        }
    }

    private void TakeAdded()
    {
        lock (_lock)
        {
            foreach (ISweepable member in _added)
            {
                _members.Add(member);
                if (member is UdpUpstreamSocket socket)
                {
                    Sockets.Add(socket);
                }
            }

            _added.Clear();
        }
    }

    private bool Sweep(long now)
    {
        bool waiting = false;
        for (int i = _members.Count - 1; i >= 0; i--)
        {
            ISweepable member = _members[i];
            SweepResult result = SweepResult.Waiting;
            try
            {
                result = member.Sweep(now);
            }
            catch (Exception fault)
            {
                Fault(fault);
            }

            waiting |= result == SweepResult.Waiting;
            if (result == SweepResult.Gone)
            {
                _members.RemoveAt(i);
                if (member is UdpUpstreamSocket socket)
                {
                    Sockets.Remove(socket);
                }
            }
        }

        return waiting;
    }

    private void Guard(ISweepable member, Action<ISweepable> action)
    {
        try
        {
            action(member);
        }
        catch (Exception fault)
        {
            Fault(fault);
        }
    }
}
