using Microsoft.Extensions.Logging;
using MiniDns.Files;

namespace MiniDns.Plugins.Forward;

/// <summary>The name servers of a file like <c>/etc/resolv.conf</c>, which is watched: by the system's notices, and by a look now and then for
/// where there are none. A file that is gone, wrong or empty leaves the servers as they were.</summary>
internal sealed class ServerFile : IDisposable
{
    /// <summary>How long the file has to be quiet before it is read.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly string _fileOfResolved;
    private readonly ILogger _logger;
    private readonly Action _onChange;
    private readonly Lock _lock = new();
    private readonly FileFollower _follower;
    private string? _lastProblem;
    private string? _lastInstead;
    private bool _isDisposed;

    /// <summary>Reads the file and watches it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of what is wrong.</param>
    /// <param name="onChange">Called when the servers are others.</param>
    /// <param name="fileOfResolved">See <see cref="ResolvConf.Read"/>.</param>
    public ServerFile(string path, TimeProvider time, ILogger logger, Action onChange, string fileOfResolved = ResolvConf.FileOfResolved)
    {
        _path = path;
        _fileOfResolved = fileOfResolved;
        _logger = logger;
        _onChange = onChange;

        // The watch comes first: a change while the file is read is not missed.
        _follower = new FileFollower([path, fileOfResolved], PollTime, QuietTime, time, _ => Refresh(), logger.NotWatched);
        _follower.Start();
        lock (_lock)
        {
            Servers = Read() ?? [];
        }
    }

    /// <summary>The servers of now.</summary>
    public IReadOnlyList<ForwardTarget> Servers { get; private set; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        _follower.Dispose();
    }

    private void Refresh()
    {
        lock (_lock)
        {
            if (_isDisposed || Read() is not { } servers || servers.SequenceEqual(Servers))
            {
                return;
            }

            Servers = servers;
        }

        _onChange();
    }

    private IReadOnlyList<ForwardTarget>? Read()
    {
        ResolvConf file = ResolvConf.Read(_path, _fileOfResolved);
        string? problem = file.Error ?? (file.Servers.Count == 0 ? $"the file '{_path}' names no name server" : null);
        if (problem is not null)
        {
            if (problem != _lastProblem)
            {
                _logger.FileProblem(problem);
            }

            _lastProblem = problem;
            return null;
        }

        _lastProblem = null;
        if (file.Instead is { } instead && instead != _lastInstead)
        {
            _logger.StubAvoided(_path, instead);
        }

        _lastInstead = file.Instead;
        return file.Servers;
    }
}
