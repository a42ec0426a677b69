using System.Threading.Channels;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Primaries;

/// <summary>Writes zones to disk in the background, one at a time.</summary>
/// <remarks>A zone is in the queue at most once, so the queue is as long as there are zones. A zone that changes all the time is
/// written so seldom that writing it takes a tenth of the time.</remarks>
/// <typeparam name="T">A version of a zone.</typeparam>
internal sealed class StoreWriter<T> : IAsyncDisposable
    where T : class
{
    private const int Rest = 10;

    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<DnsName, Entry> _entries = [];
    private readonly Lock _lock = new();
    private readonly ZoneStore<T> _store;
    private readonly TransferContext _context;
    private readonly Task _writing;
    private bool _isClosing;

    public StoreWriter(ZoneStore<T> store, TransferContext context)
    {
        _store = store;
        _context = context;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Says that a zone has new or newly confirmed data.</summary>
    public void Enqueue(TransferredZone<T> zone)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(zone.Origin, out Entry? entry) || entry.Zone != zone)
            {
                // A zone that was removed, or started anew, has left its entry with its file.
                _entries[zone.Origin] = entry = new Entry(zone);
            }

            if (!entry.IsQueued)
            {
                entry.IsQueued = true;
                _queue.Writer.TryWrite(entry);
            }
        }
    }

    /// <summary>Notes that a zone is on disk as it is, so that it need not be written again.</summary>
    public void NoteSaved(TransferredZone<T> zone, T data)
    {
        lock (_lock)
        {
            _entries[zone.Origin] = new Entry(zone) { Saved = data };
        }
    }

    /// <summary>Removes a zone's file.</summary>
    public void Forget(TransferredZone<T> zone)
    {
        lock (_lock)
        {
            if (_entries.Remove(zone.Origin, out Entry? entry))
            {
                entry.IsForgotten = true;
            }

            Try(zone.Origin, () => _store.Delete(zone.Origin));
        }
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosing = true;
        }

        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        foreach (Entry entry in _entries.Values.Where(e => e.IsQueued))
        {
            entry.Delay?.Dispose();
            Write(entry);
        }
    }

    private async Task WriteAsync()
    {
        await foreach (Entry entry in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            lock (_lock)
            {
                TimeSpan wait = entry.NotBefore - _context.Now;
                if (wait > TimeSpan.Zero && !_isClosing)
                {
                    entry.Delay?.Dispose();
                    entry.Delay = _context.Time.CreateTimer(_ => _queue.Writer.TryWrite(entry), null, wait, Timeout.InfiniteTimeSpan);
                    continue;
                }
            }

            Write(entry);
        }
    }

    private void Write(Entry entry)
    {
        lock (_lock)
        {
            entry.IsQueued = false;
        }

        if (entry.IsForgotten || entry.Zone.Snapshot is not { } snapshot)
        {
            return;
        }

        TimeSpan start = _context.Now;
        DnsName origin = entry.Zone.Origin;
        bool isSaved = ReferenceEquals(entry.Saved, snapshot.Data);
        if (Try(origin, Save))
        {
            entry.Saved = snapshot.Data;
        }

        TimeSpan end = _context.Now;
        lock (_lock)
        {
            entry.NotBefore = end + ((end - start) * Rest);
            if (entry.IsForgotten && (!_entries.TryGetValue(origin, out Entry? other) || other.Saved is null))
            {
                // It was removed while it was written.
                Try(origin, () => _store.Delete(origin));
            }
        }

        void Save()
        {
            if (!isSaved || !_store.TryConfirm(origin, snapshot.ConfirmedAt))
            {
                _store.Save(origin, snapshot.Data, snapshot.ConfirmedAt);
            }
        }
    }

    private bool Try(DnsName origin, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TransferLog.NotKept(_context.Logger, origin.ToString(), _store.PathOf(origin), e.Message);
            return false;
        }
    }

    private sealed class Entry(TransferredZone<T> zone)
    {
        public TransferredZone<T> Zone { get; } = zone;

        public bool IsQueued { get; set; }

        public volatile bool IsForgotten;

        public T? Saved { get; set; }

        public TimeSpan NotBefore { get; set; }

        public ITimer? Delay { get; set; }
    }
}
