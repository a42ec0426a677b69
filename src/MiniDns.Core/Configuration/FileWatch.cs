namespace MiniDns.Configuration;

/// <summary>Watches a file through its directory, so that a file that is replaced, renamed over, or not there yet is seen too.</summary>
/// <remarks>
/// When the path is a symbolic link into another directory, that one is watched as well. Kubernetes mounts a file as a link
/// into <c>..data</c>, itself a link in the watched directory that is renamed over at each change.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="changed">Called at each event; true when it is about the file itself, false when it may be.</param>
public sealed class FileWatch(string path, Action<bool> changed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path = Path.GetFullPath(path);
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private string? _lastProblem;
    private bool _disposed;

    /// <summary>Watches the directories that the path leads to now.</summary>
    /// <returns>A directory that cannot be watched, said once; else null.</returns>
    public (string Directory, string Reason)? Renew()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            string target = FinalTarget();
            string[] wanted = [Path.GetDirectoryName(_path) ?? "/", Path.GetDirectoryName(target) ?? "/"];
            foreach (string directory in _watchers.Keys.Where(d => !wanted.Contains(d) || !Directory.Exists(d)).ToArray())
            {
                _watchers.Remove(directory, out FileSystemWatcher? old);
                old!.Dispose();
            }

            (string, string)? problem = null;
            foreach (string directory in wanted)
            {
                // A directory that is not there yet is looked for again at the next poll.
                if (!_watchers.ContainsKey(directory) && Directory.Exists(directory) && TryWatch(directory) is { } reason && reason != _lastProblem)
                {
                    _lastProblem = reason;
                    problem = (directory, reason);
                }
            }

            return problem;
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
            watcher.Changed += (_, e) => OnEvent(e.Name);
            watcher.Created += (_, e) => OnEvent(e.Name);
            watcher.Deleted += (_, e) => OnEvent(e.Name);
            watcher.Renamed += (_, e) =>
            {
                OnEvent(e.Name);
                OnEvent(e.OldName);
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

    private void OnEvent(string? name) =>
        changed(name is null || name == Path.GetFileName(_path) || name.StartsWith("..", StringComparison.Ordinal));

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

        changed(true);
    }

    private string FinalTarget()
    {
        try
        {
            return File.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path;
        }
        catch (IOException)
        {
            return _path;       // not there, or a loop of links: the directory of the path itself is watched
        }
    }
}
