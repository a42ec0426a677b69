using Microsoft.Extensions.Logging;
using MiniDns.Files;

namespace MiniDns.Plugins.Geoip;

/// <summary>Keeps a <see cref="GeoDatabase"/> up to date with its file: read anew after each change, and swapped as a whole. A file that is gone, or is
/// no database, leaves the last good one in place.</summary>
internal sealed class GeoFile : IServerComponent
{
    /// <summary>The longest file that is read, in octets: ten times what the largest has.</summary>
    public const long MaxLength = 1L << 30;

    /// <summary>The last second of the year 9999, since 1970.</summary>
    private const long LastSecond = 253_402_300_799;

    /// <summary>How long the file has to be quiet before it is read: a copy of one takes a while.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(30);

    private readonly DnsServices _services;
    private readonly ILogger _log;
    private readonly Lock _reading = new();
    private GeoDatabase? _database;
    private (DateTime Time, long Length)? _seen;
    private string? _lastProblem;
    private FileWatch? _watch;
    private ITimer? _poll;
    private ITimer? _quiet;
    private long _failures;
    private volatile bool _disposed;

    /// <summary>Knows nothing until the file is read, or what was known of it before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="services">Clock, logs, metrics.</param>
    /// <param name="previous">The same file in the configuration being replaced.</param>
    public GeoFile(string path, DnsServices services, GeoFile? previous)
    {
        Path = path;
        _services = services;
        _log = services.LoggerFor("geoip");
        if (previous is not null)
        {
            lock (previous._reading)
            {
                (_database, _seen, _lastProblem, _failures) = (previous._database, previous._seen, previous._lastProblem, previous._failures);
            }
        }
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>What the file held when it was last right; null before that.</summary>
    public GeoDatabase? Database => Volatile.Read(ref _database);

    /// <summary>Reads the file if it is another one than before.</summary>
    /// <returns>What is wrong with it: what was read before stays. Null when all is well.</returns>
    public string? Refresh()
    {
        lock (_reading)
        {
            string? problem = Read();
            _failures += problem is null || problem == _lastProblem ? 0 : 1;
            return _lastProblem = problem;
        }
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _services.Metrics.Gauge("minidns_geoip_bytes", "Memory that a database takes, in octets.", () => Database?.Length ?? 0, ("file", Path));
        _services.Metrics.Gauge("minidns_geoip_build_timestamp_seconds", "When a database was made, in seconds since 1970.", () => Database?.BuiltAt ?? 0, ("file", Path));
        _services.Metrics.Total("minidns_geoip_failures_total", "How often a database could not be read.", () => Volatile.Read(ref _failures), ("file", Path));
        _quiet = _services.Time.CreateTimer(static f => ((GeoFile)f!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = new FileWatch([Path], _ => _quiet.Change(QuietTime, Timeout.InfiniteTimeSpan));
        _poll = _services.Time.CreateTimer(static f => ((GeoFile)f!).Look(), this, PollTime, PollTime);
        Look();
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

    private void Look()
    {
        if (_disposed)
        {
            return;
        }

        if (_watch!.Renew() is var (directory, reason))
        {
            GeoipLog.Unwatched(_log, directory, reason, PollTime.TotalSeconds);
        }

        GeoDatabase? before = Database;
        string? known = Volatile.Read(ref _lastProblem);
        string? problem = Refresh();
        if (problem is not null && problem != known)
        {
            // Said once, not at every look.
            GeoipLog.Unreadable(_log, Path, problem);
        }
        else if (Database is { } now && now != before)
        {
            GeoipLog.Read(_log, Path, now.Kind, DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(now.BuiltAt, 0, LastSecond)).UtcDateTime);
        }
    }

    private string? Read()
    {
        try
        {
            var file = new FileInfo(Path);
            (DateTime, long)? now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : null;
            if (now is not null && now == _seen)
            {
                return _lastProblem;
            }

            if (now is (_, > MaxLength))
            {
                throw new IOException($"it has more than {MaxLength} octets");
            }

            byte[] octets = File.ReadAllBytes(Path);
            _seen = now;
            if (!GeoDatabase.TryRead(octets, out GeoDatabase? database, out string? problem))
            {
                return problem;
            }

            Volatile.Write(ref _database, database);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _seen = null;
            return exception.Message;
        }
    }
}
