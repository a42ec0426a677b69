using MiniDns.Sockets;

namespace MiniDns.Plugins.Forward;

/// <summary>A thread that looks at the queries under way every few milliseconds and sends those that are late to another upstream. It sleeps
/// while there are none.</summary>
/// <remarks>There is no timer for a query: a query writes down when it is to be looked at, and the thread goes over all of them.</remarks>
internal sealed class ForwardPacer : IDisposable
{
    private const int LongestWait = 10;
    private const int RoundsBeforeSleep = 200;

    private readonly Lock _lock = new();
    private readonly List<ForwardRun> _runs = [];
    private readonly List<HedgeBudget> _budgets = [];
    private readonly ManualResetEventSlim _wake = new();
    private readonly TimeProvider _time;
    private readonly Action<Exception> _onFault;
    private readonly Thread _thread;
    private readonly long _millisecond;
    private volatile bool _isAsleep;
    private volatile bool _isStopping;

    public ForwardPacer(TimeProvider time, Action<Exception> onFault)
    {
        _time = time;
        _onFault = onFault;
        _millisecond = Math.Max(1, time.TimestampFrequency / 1000);
        _thread = new Thread(Work) { IsBackground = true, Name = "forward pacer" };
        _thread.UnsafeStart();
    }

    /// <summary>Looks after a run from now on.</summary>
    public void Add(ForwardRun run)
    {
        lock (_lock)
        {
            run.PacerIndex = _runs.Count;
            _runs.Add(run);
        }
    }

    /// <summary>Looks after a run no more.</summary>
    public void Remove(ForwardRun run)
    {
        lock (_lock)
        {
            int index = run.PacerIndex;
            if (index < 0)
            {
                return;
            }

            ForwardRun last = _runs[^1];
            _runs[index] = last;
            last.PacerIndex = index;
            _runs.RemoveAt(_runs.Count - 1);
            run.PacerIndex = -1;
        }
    }

    /// <summary>Looks after nothing of a handler any more.</summary>
    public void Remove(ForwardHandler handler)
    {
        lock (_lock)
        {
            _budgets.Remove(handler.Budget);
            _runs.RemoveAll(r => r.Handler == handler);
            for (int i = 0; i < _runs.Count; i++)
            {
                _runs[i].PacerIndex = i;
            }
        }
    }

    /// <summary>An upstream of a handler is back: its queries look at once whether to ask there, not all in the same moment.</summary>
    public void Hurry(ForwardHandler handler)
    {
        const int Spread = 200;
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            long pause = Spread * _millisecond / Math.Max(1, _runs.Count);
            foreach (ForwardRun run in _runs)
            {
                if (run.Handler == handler)
                {
                    run.Hurry(now);
                    now += pause;
                }
            }
        }

        Wake();
    }

    /// <summary>Fills a budget from now on.</summary>
    public void Add(HedgeBudget budget)
    {
        lock (_lock)
        {
            _budgets.Add(budget);
        }
    }

    /// <summary>A run has written down when it is to be looked at.</summary>
    public void Wake()
    {
        // The barrier stands between the run's time and the flag, as it does on the other side.
        Interlocked.MemoryBarrier();
        if (_isAsleep)
        {
            _wake.Set();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _wake.Dispose();
    }

    private void Work()
    {
        var due = new List<ForwardRun>();
        int idleRounds = 0;
        while (!_isStopping)
        {
            long earliest = Look(due);
            idleRounds = earliest == long.MaxValue ? idleRounds + 1 : 0;
            if (idleRounds < RoundsBeforeSleep)
            {
                // New queries come in meanwhile, and are to be looked at soon enough.
                long wait = earliest == long.MaxValue ? LongestWait : (earliest - _time.GetTimestamp()) / _millisecond;
                Thread.Sleep((int)Math.Clamp(wait, 1, LongestWait));
                continue;
            }

            _wake.Reset();
            _isAsleep = true;
            Interlocked.MemoryBarrier();
            if (Look(due) == long.MaxValue && !_isStopping)
            {
                _wake.Wait();
            }

            _isAsleep = false;
            idleRounds = 0;
        }
    }

    /// <summary>Sees to the runs that are due.</summary>
    /// <returns>When the next one is; <see cref="long.MaxValue"/> when there is none.</returns>
    private long Look(List<ForwardRun> due)
    {
        long now = _time.GetTimestamp();
        long earliest = long.MaxValue;
        lock (_lock)
        {
            foreach (HedgeBudget budget in _budgets)
            {
                budget.Fill();
            }

            foreach (ForwardRun run in _runs)
            {
                long at = run.PaceAt;
                if (at <= now)
                {
                    due.Add(run);
                }
                else
                {
                    earliest = Math.Min(earliest, at);
                }
            }
        }

        if (due.Count == 0)
        {
            return earliest;
        }

        ThreadBatch.Open();
        try
        {
            foreach (ForwardRun run in due)
            {
                Pace(run, now);
                earliest = Math.Min(earliest, run.PaceAt);
            }
        }
        finally
        {
            due.Clear();
            ThreadBatch.Close();
        }

        return earliest;
    }

    private void Pace(ForwardRun run, long now)
    {
        try
        {
            run.Pace(now);
        }
        catch (Exception fault)
        {
            _onFault(fault);
        }
    }
}
