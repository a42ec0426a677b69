namespace MiniDns.Files;

/// <summary>Watches files through their directories, so that one that is replaced, renamed over, or not there yet is seen too.</summary>
/// <remarks>
/// When a path is a symbolic link into another directory, that one is watched as well. Kubernetes mounts a file as a link
/// into <c>..data</c>, itself a link in the watched directory that is renamed over at each change.
/// </remarks>
public sealed class FileWatch : IDisposable
{
    private readonly string[] _paths;
    private readonly HashSet<string> _names;
    private readonly Action<bool> _changed;
    private readonly DirectoryWatch _watch;

    /// <summary>Makes a watch; nothing is watched before <see cref="Renew"/>.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="changed">Called at each event, on a thread of the pool; true when it is about a file itself, false when it may be.</param>
    public FileWatch(IReadOnlyList<string> paths, Action<bool> changed)
    {
        _paths = [.. paths.Select(Path.GetFullPath)];
        _names = [.. paths.Select(p => Path.GetFileName(p))];
        _changed = changed;
        _watch = new DirectoryWatch(OnEvent);
    }

    /// <summary>Watches the directories that the paths lead to now. Call it at the start, at each change and now and then: links may lead
    /// elsewhere, and directories come and go.</summary>
    /// <returns>A directory that cannot be watched, said once; else null.</returns>
    public (string Directory, string Reason)? Renew()
    {
        HashSet<string> wanted = [.. _paths.SelectMany(p => (string[])[p, FinalTarget(p)]).Select(p => Path.GetDirectoryName(p) ?? "/")];
        return _watch.Renew(wanted) is [var problem, ..] ? problem : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private void OnEvent(string? path)
    {
        string name = Path.GetFileName(path) ?? "";
        _changed(name.Length == 0 || _names.Contains(name) || name.StartsWith("..", StringComparison.Ordinal));
    }

    private static string FinalTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;        // not there, or a loop of links: the directory of the path itself is watched
        }
    }
}
