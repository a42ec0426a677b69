namespace MiniDns.Files;

/// <summary>Has somebody look at files soon after they change, and every now and then in case notifications fail.</summary>
/// <remarks>Looks may overlap: a look that was put off by a long one and the next.</remarks>
/// <param name="paths">The files.</param>
/// <param name="interval">How often they are looked at when no notification comes; zero means that they are not followed at all.</param>
/// <param name="quietTime">How long files have to be quiet before they are looked at: an editor truncates, then writes. Files that do not come
/// to rest are waited for twenty times as long.</param>
/// <param name="time">The clock.</param>
/// <param name="look">Looks at the files, on a thread of the pool; true when one is known to have changed, whatever its time and length say.</param>
/// <param name="unwatched">Told of a directory that cannot be watched and why; it is still looked at after each interval.</param>
public sealed class FileFollower(
    IReadOnlyList<string> paths,
    TimeSpan interval,
    TimeSpan quietTime,
    TimeProvider time,
    Action<bool> look,
    Action<string, string> unwatched) : IDisposable
{
    private const int LongestWait = 20;

    private readonly Lock _waiting = new();
    private FileWatch? _watch;
    private ITimer? _poll;
    private ITimer? _quiet;
    private long _firstChange;
    private bool _changePending;
    private bool _certain;
    private bool _disposed;

    /// <summary>Starts to follow. What is there already is for the caller to look at afterwards: then no change is missed.</summary>
    public void Start()
    {
        if (interval <= TimeSpan.Zero || paths.Count == 0)
        {
            return;
        }

        _quiet = time.CreateTimer(static state => ((FileFollower)state!).OnQuiet(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = new FileWatch(paths, OnChange);
        Watch();
        _poll = time.CreateTimer(static state => ((FileFollower)state!).OnPoll(), this, interval, interval);
    }

    /// <summary>Looks no more; a look that has begun ends by itself.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _disposed = true;
        }

        _poll?.Dispose();
        _quiet?.Dispose();
        _watch?.Dispose();
    }

    /// <summary>Runs on the watcher's thread at each event: waits for the files to come to rest.</summary>
    private void OnChange(bool certain)
    {
        lock (_waiting)
        {
            if (_disposed)
            {
                return;
            }

            _certain |= certain;
            long now = time.GetTimestamp();
            if (!_changePending)
            {
                _changePending = true;
                _firstChange = now;
            }
            else if (time.GetElapsedTime(_firstChange, now) > quietTime * LongestWait)
            {
                return;     // the timer is set; it is not put off any more
            }

            _quiet?.Change(quietTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnQuiet()
    {
        bool certain;
        lock (_waiting)
        {
            if (_disposed)
            {
                return;
            }

            certain = _certain;
            _certain = false;
            _changePending = false;
        }

        Watch();
        look(certain);
    }

    private void OnPoll()
    {
        lock (_waiting)
        {
            if (_disposed)
            {
                return;
            }
        }

        Watch();
        look(false);
    }

    /// <summary>Sees to it that the right directories are watched; what cannot be watched is polled.</summary>
    private void Watch()
    {
        if (_watch!.Renew() is { } problem)
        {
            unwatched(problem.Directory, problem.Reason);
        }
    }
}
