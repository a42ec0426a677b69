namespace MiniDns.Cluster.Manifests;

/// <summary>Watches the directories that paths are in or lead to, so that files that are replaced, renamed over or new are seen.</summary>
/// <remarks>A volume of Kubernetes swaps the link <c>..data</c> in the watched directory: an event like any other.</remarks>
internal sealed class ManifestWatch(Action<string?> changed, Action<string, string> unwatched) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Watches these directories and no others.</summary>
    public void Renew(IReadOnlySet<string> directories)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            foreach (string gone in _watchers.Keys.Where(d => !directories.Contains(d) || !Directory.Exists(d)).ToArray())
            {
                _watchers.Remove(gone, out FileSystemWatcher? watcher);
                watcher!.Dispose();
            }

            foreach (string directory in directories)
            {
                if (!_watchers.ContainsKey(directory) && Directory.Exists(directory))
                {
                    TryWatch(directory);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (FileSystemWatcher watcher in _watchers.Values)
            {
                watcher.Dispose();
            }

            _watchers.Clear();
        }
    }

    private void TryWatch(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, e) => changed(e.FullPath);
            watcher.Created += (_, e) => changed(e.FullPath);
            watcher.Deleted += (_, e) => changed(e.FullPath);
            watcher.Renamed += (_, e) => changed(e.FullPath);
            watcher.Error += (_, _) => OnError(directory);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(directory, watcher);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            if (_refused.Add(directory))
            {
                unwatched(directory, exception.Message);
            }
        }
    }

    private void OnError(string directory)
    {
        // Events were lost, or the watch is dead: a new one is made at the next look, which is now.
        lock (_lock)
        {
            if (_watchers.Remove(directory, out FileSystemWatcher? watcher))
            {
                watcher.Dispose();
            }
        }

        changed(null);
    }
}
