using Microsoft.Extensions.Logging;
using MiniDns.Files;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Blocklist;

/// <summary>Keeps a <see cref="BlockStore"/> up to date with its files: a file that changes is read anew, what the others said is copied, and
/// the new store replaces the old one as a whole.</summary>
internal sealed class BlocklistFiles : IServerComponent
{
    /// <summary>How long files have to be quiet before they are read: a download writes for a while.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private readonly BlocklistOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private readonly ListGauges _gauges;
    private readonly Lock _reading = new();
    private readonly (DateTime Time, long Length)?[] _seen;
    private readonly string?[] _problems;
    private BlockStore _store = BlockStore.Empty;
    private FileWatch? _watch;
    private ITimer? _poll;
    private ITimer? _quiet;
    private int _certain;
    private volatile bool _disposed;

    /// <summary>Blocks nothing until the files are read, or what was blocked before when the lists are the same.</summary>
    public BlocklistFiles(BlocklistOptions options, DnsServices services, BlocklistFiles? previous = null)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor("blocklist");
        _gauges = new ListGauges(services.Metrics, options.Lists);
        _seen = new (DateTime, long)?[options.Lists.Count];
        _problems = new string?[options.Lists.Count];
        if (previous is not null && previous._options.GivesSameStore(options))
        {
            lock (previous._reading)
            {
                _store = previous._store;
                previous._seen.CopyTo(_seen, 0);
                previous._problems.CopyTo(_problems, 0);
                _gauges.CopyFrom(previous._gauges);
            }
        }
        else
        {
            var builder = new BlockStoreBuilder();
            foreach ((byte[] wire, bool allows) in options.Inline)
            {
                uint bit = allows ? ListMarks.AllowBit(0) : ListMarks.BlockBit(0);
                builder.Add(wire, new ListMarks(bit, bit));
            }

            _store = builder.Build();
            _gauges.Set(0, options.Inline.Count, 0);
        }
    }

    /// <summary>The names of now. A query reads it once.</summary>
    public BlockStore Store => Volatile.Read(ref _store);

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _gauges.Publish(_services.Metrics, _options.Lists);
        string[] paths = [.. _options.Lists.Where(l => l.Path is not null).Select(l => l.Path!)];
        if (_options.Reload > TimeSpan.Zero && paths.Length > 0)
        {
            // The watch comes first: a change while files are read for the first time is not missed.
            _quiet = _services.Time.CreateTimer(static state => ((BlocklistFiles)state!).Look(watched: true), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _watch = new FileWatch(paths, OnChange);
            Watch();
            _poll = _services.Time.CreateTimer(static state => ((BlocklistFiles)state!).Look(watched: false), this, _options.Reload, _options.Reload);
        }

        Refresh(certain: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _poll?.Dispose();
        _quiet?.Dispose();
        _watch?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the files that changed.</summary>
    /// <param name="certain">True when one is known to have changed, whatever times and lengths say.</param>
    internal void Refresh(bool certain)
    {
        lock (_reading)
        {
            BlockStoreBuilder? builder = null;
            for (int list = 0; list < _options.Lists.Count; list++)
            {
                if (_options.Lists[list].Path is { } path && TryReadChanged(list, path, certain, out byte[] content))
                {
                    builder = Replace(builder, list, path, content);
                }
            }

            if (builder is not null)
            {
                Volatile.Write(ref _store, builder.Build());
            }

            _gauges.SetOctets(_store.Octets);
        }
    }

    private static uint BitsOf(int list) => ListMarks.BlockBit(list) | ListMarks.AllowBit(list);

    /// <summary>Reads a file when it is another one than before.</summary>
    private bool TryReadChanged(int list, string path, bool certain, out byte[] content)
    {
        content = [];
        try
        {
            var file = new FileInfo(path);
            if (!certain && file.Exists && _seen[list] == (file.LastWriteTimeUtc, file.Length))
            {
                return false;
            }

            (DateTime, long) now = (File.GetLastWriteTimeUtc(path), file.Exists ? file.Length : 0);
            content = File.ReadAllBytes(path);
            _seen[list] = now;
            _problems[list] = null;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Said once, not at every look.
            if (_problems[list] != exception.Message)
            {
                _problems[list] = exception.Message;
                _gauges.Failed(list);
                BlocklistLog.Unreadable(_logger, path, exception.Message);
            }

            return false;
        }
    }

    /// <summary>Puts a list's new content into the builder, beside what the other lists say.</summary>
    private BlockStoreBuilder? Replace(BlockStoreBuilder? builder, int list, string path, byte[] content)
    {
        // Read once only to see what it is: a page of HTML that came in place of a list must not open everything.
        ListSummary look = ListText.Read(content, static (_, _) => true);
        if (look.IsNoList)
        {
            _gauges.Failed(list);
            BlocklistLog.NoList(_logger, path, look.Malformed, look.Names + look.Unsupported);
            Report(path, look);
            return builder;
        }

        BlockStoreBuilder next = new();
        uint others = ~BitsOf(list);
        (builder?.Build() ?? _store).CopyTo(next, others);
        bool allows = _options.Lists[list].Allows;
        ListSummary summary = ListText.Read(content, (wire, rule) =>
        {
            uint bit = allows || (rule & ListRule.Allow) != 0 ? ListMarks.AllowBit(list) : ListMarks.BlockBit(list);
            return next.Add(wire, new ListMarks((rule & ListRule.Exact) != 0 ? bit : 0, (rule & ListRule.Below) != 0 ? bit : 0));
        });
        _gauges.Set(list, summary.Names, summary.Malformed);
        BlocklistLog.Read(_logger, path, summary.Names, summary.Unsupported, summary.Malformed);
        Report(path, summary);
        return next;
    }

    private void Report(string path, ListSummary summary)
    {
        foreach ((int line, int column, string message) in summary.Kept)
        {
            BlocklistLog.BadLine(_logger, path, line, column, message);
        }

        if (summary.Malformed > summary.Kept.Count)
        {
            BlocklistLog.MoreBadLines(_logger, path, summary.Malformed - summary.Kept.Count);
        }
    }

    /// <summary>Runs on the watcher's thread at each event: waits for the files to come to rest; the poll sees what never does.</summary>
    private void OnChange(bool certain)
    {
        if (_disposed)
        {
            return;
        }

        if (certain)
        {
            Interlocked.Exchange(ref _certain, 1);
        }

        _quiet?.Change(QuietTime, Timeout.InfiniteTimeSpan);
    }

    private void Look(bool watched)
    {
        if (!_disposed)
        {
            Watch();
            Refresh(watched && Interlocked.Exchange(ref _certain, 0) == 1);
        }
    }

    /// <summary>Sees to it that the right directories are watched; what cannot be watched is polled.</summary>
    private void Watch()
    {
        if (_watch!.Renew() is { } problem)
        {
            BlocklistLog.Unwatched(_logger, problem.Directory, problem.Reason, _options.Reload.TotalSeconds);
        }
    }
}
