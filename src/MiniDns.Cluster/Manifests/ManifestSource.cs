using Microsoft.Extensions.Logging;
using MiniDns.Cluster.Objects;
using MiniDns.Files;

namespace MiniDns.Cluster.Manifests;

/// <summary>The objects of a cluster from YAML files: no API server. Files and directories are watched; a change is told as a new list, of
/// which a sink takes the differences.</summary>
/// <remarks>
/// A namespace exists when a document says so, or when any object is in it. All kinds are listed at the start, before
/// <see cref="Start"/> returns: what is in the files is served from the first query on.
/// </remarks>
public sealed class ManifestSource : IClusterSource
{
    /// <summary>The most files that are read.</summary>
    public const int MaxFiles = 10_000;

    /// <summary>How long the files have to be quiet before they are read: an editor truncates, then writes.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(25);

    /// <summary>How often the files are looked at even if no event tells of a change.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    private readonly string[] _paths;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private readonly Lock _waiting = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly DirectoryWatch _watch;
    private Dictionary<string, ManifestFile> _files = new(StringComparer.Ordinal);
    private ClusterWatchRequest? _request;
    private IClusterSink? _sink;
    private ClusterObjectBuilder? _builder;
    private IReadOnlyList<LabelSelector?> _selectors = [];
    private ITimer? _poll;
    private ITimer? _quiet;
    private bool _allChanged;
    private bool _waitingForQuiet;
    private bool _disposed;

    /// <summary>Makes a source; reads nothing yet.</summary>
    /// <param name="paths">Files, and directories whose files ending in <c>.yaml</c>, <c>.yml</c> or <c>.json</c> are meant.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes complaints.</param>
    public ManifestSource(IEnumerable<string> paths, TimeProvider time, ILogger logger)
    {
        _paths = [.. paths.Select(Path.GetFullPath)];
        _time = time;
        _logger = logger;
        _watch = new DirectoryWatch(OnChange);
    }

    /// <inheritdoc/>
    public void Start(ClusterWatchRequest request, IClusterSink sink)
    {
        ArgumentNullException.ThrowIfNull(request);
        _request = request;
        _sink = sink;
        _builder = new ClusterObjectBuilder(request.Fields);
        _selectors = [.. request.Watches.Select(w => w.LabelSelector is { } text && LabelSelector.TryParse(text, out LabelSelector? selector, out _) ? selector : null)];
        _quiet = _time.CreateTimer(static state => ((ManifestSource)state!).OnQuiet(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Refresh([], allChanged: true);
        _poll = _time.CreateTimer(static state => ((ManifestSource)state!).Refresh([], allChanged: false), this, PollInterval, PollInterval);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_waiting)
        {
            _disposed = true;
        }

        _watch.Dispose();
        _poll?.Dispose();
        _quiet?.Dispose();
        lock (_reading)
        {
            _sink = null;       // one who reads just now has ended; nobody tells anything any more
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsManifest(string name) => !name.StartsWith('.')
        && (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Looks at all files, and tells the sink when one of them changed.</summary>
    private void Refresh(HashSet<string> changed, bool allChanged)
    {
        lock (_reading)
        {
            if (_sink is null || _disposed)
            {
                return;
            }

            bool isDifferent = allChanged;
            Dictionary<string, ManifestFile> files = new(StringComparer.Ordinal);
            HashSet<string> directories = new(StringComparer.Ordinal);

            // Watched before it is read: a change while it is read is not missed.
            List<string> found = FindFiles(directories);
            foreach ((string directory, string reason) in _watch.Renew(directories))
            {
                ManifestLog.Unwatched(_logger, directory, reason, PollInterval.TotalSeconds);
            }

            foreach (string path in found)
            {
                bool isKnown = _files.TryGetValue(path, out ManifestFile? file);
                file ??= new ManifestFile(path, _logger);
                IReadOnlyList<ManifestObject> before = file.Objects;
                file.Refresh(allChanged || !isKnown || changed.Contains(path), _builder!);
                files[path] = file;
                isDifferent |= !isKnown || !ReferenceEquals(before, file.Objects);
            }

            isDifferent |= files.Count != _files.Count;
            _files = files;
            if (isDifferent)
            {
                Tell();
            }
        }
    }

    private List<string> FindFiles(HashSet<string> directories)
    {
        List<string> files = [];
        foreach (string path in _paths)
        {
            try
            {
                if (Directory.Exists(path))
                {
                    directories.Add(path);
                    files.AddRange(Directory.EnumerateFiles(path).Where(f => IsManifest(Path.GetFileName(f))).Order(StringComparer.Ordinal));
                }
                else
                {
                    directories.Add(Path.GetDirectoryName(path)!);
                    if (File.Exists(path))
                    {
                        files.Add(path);
                        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
                        directories.Add(Path.GetDirectoryName(target)!);
                        _missing.Remove(path);
                    }
                    else if (_missing.Add(path))
                    {
                        ManifestLog.Missing(_logger, path);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (_missing.Add(path))
                {
                    ManifestLog.Unreadable(_logger, path, exception.Message);
                }

                files.AddRange(_files.Keys.Where(f => f == path || Path.GetDirectoryName(f) == path));
            }
        }

        if (files.Count > MaxFiles)
        {
            ManifestLog.TooMany(_logger, MaxFiles);
            files.RemoveRange(MaxFiles, files.Count - MaxFiles);
        }

        return files;
    }

    /// <summary>Tells the sink everything as lists; of two objects of one name the later one counts.</summary>
    private void Tell()
    {
        ManifestObject[] objects = [.. _files.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value.Objects)];
        for (int i = 0; i < _request!.Watches.Count; i++)
        {
            ClusterWatch watch = _request.Watches[i];
            _sink!.BeginList(watch);
            if (watch.Resource == ClusterResource.Namespace && _selectors[i] is null)
            {
                TellImpliedNamespaces(watch, objects);
            }

            foreach (ManifestObject read in objects)
            {
                if (read.Item.Resource == watch.Resource && _selectors[i]?.Matches(read.Labels) != false)
                {
                    _sink.Put(watch, read.Item);
                }
            }

            _sink.EndList(watch);
        }

        ManifestLog.Read(_logger, _files.Count, objects.Length);
    }

    private void TellImpliedNamespaces(ClusterWatch watch, ManifestObject[] objects)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (ManifestObject read in objects)
        {
            if (read.Item.Namespace.Length > 0 && seen.Add(System.Text.Encoding.UTF8.GetString(read.Item.Namespace)))
            {
                _builder!.Begin(ClusterResource.Namespace);
                _builder.SetName(read.Item.Namespace);
                if (_builder.Build(out ClusterObject? item) == ClusterBuildOutcome.Built)
                {
                    _sink!.Put(watch, item!);
                }
            }
        }
    }

    /// <summary>Runs on the watcher's thread at each event: waits for the files to come to rest.</summary>
    private void OnChange(string? path)
    {
        lock (_waiting)
        {
            if (_disposed)
            {
                return;
            }

            // an event of a link may be about any file behind it
            bool isFile = path is not null && IsManifest(Path.GetFileName(path));
            _allChanged |= !isFile;
            if (isFile)
            {
                _changed.Add(path!);
            }

            if (!_waitingForQuiet)
            {
                _waitingForQuiet = true;
                _quiet?.Change(QuietTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void OnQuiet()
    {
        HashSet<string> changed;
        bool allChanged;
        lock (_waiting)
        {
            changed = [.. _changed];
            allChanged = _allChanged;
            _changed.Clear();
            _allChanged = false;
            _waitingForQuiet = false;
        }

        Refresh(changed, allChanged);
    }
}
