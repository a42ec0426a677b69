namespace MiniDns.Files;

/// <summary>Watches directories, so that files that are replaced, renamed over or new are seen.</summary>
/// <remarks>A volume of Kubernetes swaps the link <c>..data</c> in the watched directory: an event like any other.</remarks>
/// <param name="changed">Called at each event, on a thread of the pool, with the path of what changed; null when events were lost.</param>
public sealed class DirectoryWatch(Action<string?> changed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Watches these directories and no others. Call it at the start, at each change and now and then: directories come and go.</summary>
    /// <returns>Directories that cannot be watched, each said once.</returns>
    public IReadOnlyList<(string Directory, string Reason)> Renew(IReadOnlySet<string> directories)
    {
        ArgumentNullException.ThrowIfNull(directories);
        lock (_lock)
        {
            if (_disposed)
            {
                return [];
            }

            foreach (string gone in _watchers.Keys.Where(d => !directories.Contains(d) || !Directory.Exists(d)).ToArray())
            {
                _watchers.Remove(gone, out FileSystemWatcher? watcher);
                watcher!.Dispose();
            }

            List<(string, string)> problems = [];
            foreach (string directory in directories)
            {
                // A directory that is not there yet is looked for again the next time.
                if (!_watchers.ContainsKey(directory) && Directory.Exists(directory) && TryWatch(directory) is { } reason && _refused.Add(directory))
                {
                    problems.Add((directory, reason));
                }
            }

            return problems;
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

    private string? TryWatch(string directory)
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
            watcher.Renamed += (_, e) =>
            {
                changed(e.FullPath);
                changed(e.OldFullPath);
            };
            watcher.Error += (_, _) => OnError(directory);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(directory, watcher);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            watcher?.Dispose();
            return exception.Message;
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
