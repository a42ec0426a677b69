using System.Text.Json;
using MiniDns.Cluster.Store;

namespace MiniDns.Cluster.Snapshots;

/// <summary>Keeps a file with the last synchronised state of a store: written a while after changes, and at the end.</summary>
public sealed class SnapshotKeeper : IAsyncDisposable
{
    /// <summary>How long after a change the file is written at the latest.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly ClusterStore _store;
    private readonly ClusterWatchRequest _request;
    private readonly TimeProvider _time;
    private readonly Action<string, string> _unreadable;
    private readonly Action<string, string> _unwritable;
    private readonly Lock _writing = new();
    private ITimer? _timer;
    private long _written = -1;
    private string? _lastProblem;

    /// <summary>Makes a keeper; touches nothing yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="store">The store.</param>
    /// <param name="request">What the store is told.</param>
    /// <param name="time">The clock.</param>
    /// <param name="unreadable">Takes the path and the reason when the file is there but cannot be read.</param>
    /// <param name="unwritable">Takes the path and the reason when the file cannot be written.</param>
    public SnapshotKeeper(string path, ClusterStore store, ClusterWatchRequest request, TimeProvider time, Action<string, string> unreadable, Action<string, string> unwritable)
    {
        _path = Path.GetFullPath(path);
        _store = store;
        _request = request;
        _time = time;
        _unreadable = unreadable;
        _unwritable = unwritable;
    }

    /// <summary>Puts the file's objects into the store; to be called before a source tells it anything.</summary>
    /// <returns>When the file was written; null when there is none, or none that can be read.</returns>
    public DateTimeOffset? Load()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return null;
            }

            var written = new DateTimeOffset(File.GetLastWriteTimeUtc(_path), TimeSpan.Zero);
            SnapshotFile.Read(_path, _store, _request.Fields);
            return written;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            _unreadable(_path, exception.Message);
            return null;
        }
    }

    /// <summary>Starts to write.</summary>
    public void Start() => _timer = _time.CreateTimer(static state => ((SnapshotKeeper)state!).WriteIfChanged(), this, Interval, Interval);

    /// <summary>Writes the file when the store is synchronised and has changed since.</summary>
    public void WriteIfChanged()
    {
        lock (_writing)
        {
            long version = _store.Version;
            if (!_store.IsSynchronised || version == _written)
            {
                return;
            }

            try
            {
                SnapshotFile.Write(_path, _store);
                _written = version;
                _lastProblem = null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (_lastProblem != exception.Message)
                {
                    _lastProblem = exception.Message;
                    _unwritable(_path, exception.Message);
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }

        WriteIfChanged();
    }
}
