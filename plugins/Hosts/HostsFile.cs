using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Hosts;

/// <summary>Keeps a <see cref="HostsStore"/> up to date with its file: read at the start, after each change, and swapped as a whole.</summary>
/// <remarks>A file that is gone or cannot be read leaves the old entries in place.</remarks>
internal sealed class HostsFile : IServerComponent
{
    /// <summary>How long the file has to be quiet before it is read: an editor truncates, then writes.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(25);

    /// <summary>How long a file that does not come to rest is waited for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);

    private readonly HostsOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private readonly HostsMetrics _metrics = new();
    private readonly Lock _reading = new();
    private readonly Lock _waiting = new();
    private HostsStore _store;
    private (DateTime Time, long Length)? _seen;
    private string? _lastProblem;
    private FileWatch? _watch;
    private ITimer? _poll;
    private ITimer? _quiet;
    private long _firstChange;
    private bool _changePending;
    private bool _certain;
    private bool _disposed;

    /// <summary>Serves the inline entries until the file is read.</summary>
    /// <param name="options">What the directive says.</param>
    /// <param name="services">Clock, logs, metrics.</param>
    /// <param name="previous">The file of the configuration being replaced, whose records are taken over when they would be the same.</param>
    public HostsFile(HostsOptions options, DnsServices services, HostsFile? previous = null)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor("hosts");
        if (previous is not null && previous._options.GivesSameRecords(options))
        {
            (_store, _seen) = previous.Snapshot();
        }
        else
        {
            var builder = new HostsStoreBuilder(options);
            AddInline(builder);
            _store = builder.Build();
        }
    }

    /// <summary>What the directive says.</summary>
    public HostsOptions Options => _options;

    /// <summary>The records of now. A query reads it once.</summary>
    public HostsStore Store => Volatile.Read(ref _store);

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _metrics.Set(Store.EntryCount, _seen?.Time);
        _metrics.Publish(_services.Metrics, _options.Path);
        if (_options.Reload > TimeSpan.Zero)
        {
            // The watch comes first: a change while the file is read for the first time is not missed.
            _quiet = _services.Time.CreateTimer(static state => ((HostsFile)state!).OnQuiet(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _watch = new FileWatch(_options.Path, OnChange);
            Watch();
            _poll = _services.Time.CreateTimer(static state => ((HostsFile)state!).OnPoll(), this, _options.Reload, _options.Reload);
        }

        Refresh(certain: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_waiting)
        {
            _disposed = true;
        }

        _poll?.Dispose();
        _quiet?.Dispose();
        _watch?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Looks at the file and reads it when it is another one than before.</summary>
    /// <param name="certain">True when it is known to have changed, whatever its time and length say.</param>
    internal void Refresh(bool certain)
    {
        lock (_reading)
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle(_options.Path, options: FileOptions.SequentialScan);
                (DateTime, long) now = (File.GetLastWriteTimeUtc(handle), RandomAccess.GetLength(handle));
                if (!certain && _seen == now)
                {
                    return;
                }

                Read(handle);
                _seen = now;
                _lastProblem = null;
                _metrics.Set(_store.EntryCount, now.Item1);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Complain(exception);
            }
        }
    }

    private void Read(SafeFileHandle handle)
    {
        var builder = new HostsStoreBuilder(_options);
        var problems = new HostsProblems();
        using (var content = new FileStream(handle, FileAccess.Read, bufferSize: 0))
        {
            HostsText.Read(content, (address, name) => builder.Add(address, name) ? null : $"{name} has more than {HostsStoreBuilder.MaxAddresses} addresses", problems);
        }

        AddInline(builder);
        Volatile.Write(ref _store, builder.Build());
        HostsLog.Read(_logger, _options.Path, _store.EntryCount);
        foreach ((int line, string message) in problems.Kept)
        {
            HostsLog.BadLine(_logger, _options.Path, line, message);
        }

        if (problems.Count > problems.Kept.Count)
        {
            HostsLog.MoreBadLines(_logger, _options.Path, problems.Count - problems.Kept.Count);
        }
    }

    private void AddInline(HostsStoreBuilder builder)
    {
        foreach (HostsEntry entry in _options.Inline)
        {
            builder.Add(entry.Address, entry.Name);
        }
    }

    private (HostsStore Store, (DateTime Time, long Length)? Seen) Snapshot()
    {
        lock (_reading)
        {
            return (_store, _seen);
        }
    }

    private void Complain(Exception exception)
    {
        // Said once, not at every look.
        if (_lastProblem == exception.Message)
        {
            return;
        }

        _lastProblem = exception.Message;
        if (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            HostsLog.Missing(_logger, _options.Path);
        }
        else
        {
            HostsLog.Unreadable(_logger, _options.Path, exception.Message);
        }
    }

    /// <summary>Runs on the watcher's thread at each event: waits for the file to come to rest.</summary>
    private void OnChange(bool certain)
    {
        lock (_waiting)
        {
            if (_disposed)
            {
                return;
            }

            _certain |= certain;
            long now = _services.Time.GetTimestamp();
            if (!_changePending)
            {
                _changePending = true;
                _firstChange = now;
            }
            else if (_services.Time.GetElapsedTime(_firstChange, now) > LongestWait)
            {
                return;     // the timer is set; it is not put off any more
            }

            _quiet?.Change(QuietTime, Timeout.InfiniteTimeSpan);
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
        Refresh(certain);
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
        Refresh(certain: false);
    }

    /// <summary>Sees to it that the right directories are watched; what cannot be watched is polled.</summary>
    private void Watch()
    {
        if (_watch!.Renew() is { } problem)
        {
            HostsLog.Unwatched(_logger, problem.Directory, problem.Reason, _options.Path, _options.Reload.TotalSeconds);
        }
    }
}
