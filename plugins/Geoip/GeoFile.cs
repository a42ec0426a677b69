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
    private readonly FollowedFile _file;
    private readonly FileFollower _follower;
    private GeoDatabase? _database;
    private string? _wrongContent;
    private string? _problem;
    private long _failures;

    /// <summary>Knows nothing until the file is read, or what was known of it before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="services">Clock, logs, metrics.</param>
    /// <param name="previous">The same file in the configuration being replaced.</param>
    public GeoFile(string path, DnsServices services, GeoFile? previous)
    {
        _services = services;
        _log = services.LoggerFor("geoip");
        _file = new FollowedFile(path);
        _follower = new FileFollower(
            [path], PollTime, QuietTime, services.Time, Look, (directory, reason) => GeoipLog.Unwatched(_log, directory, reason, PollTime.TotalSeconds));
        if (previous is not null)
        {
            lock (previous._reading)
            {
                (_database, _wrongContent, _problem, _failures) = (previous._database, previous._wrongContent, previous._problem, previous._failures);
                _file.TakeOver(previous._file);
            }
        }
    }

    /// <summary>The file's path.</summary>
    public string Path => _file.Path;

    /// <summary>What the file held when it was last right; null before that.</summary>
    public GeoDatabase? Database => Volatile.Read(ref _database);

    /// <summary>Reads the file if it is another one than before.</summary>
    /// <param name="certain">True when it is known to have changed, whatever its time and length say.</param>
    /// <returns>What is wrong with it: what was read before stays. Null when all is well.</returns>
    public string? Refresh(bool certain = false)
    {
        lock (_reading)
        {
            FollowedFileOutcome outcome = _file.Look(certain, Read, out Exception? failure);
            string? problem = outcome != FollowedFileOutcome.Unreadable ? _wrongContent : failure?.Message ?? _problem;
            _failures += problem is null || problem == _problem ? 0 : 1;
            return _problem = problem;
        }
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _services.Metrics.Gauge("minidns_geoip_bytes", "Memory that a database takes, in octets.", () => Database?.Length ?? 0, ("file", Path));
        _services.Metrics.Gauge("minidns_geoip_build_timestamp_seconds", "When a database was made, in seconds since 1970.", () => Database?.BuiltAt ?? 0, ("file", Path));
        _services.Metrics.Total("minidns_geoip_failures_total", "How often a database could not be read.", () => Volatile.Read(ref _failures), ("file", Path));
        _follower.Start();
        Look(certain: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _follower.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Look(bool certain)
    {
        GeoDatabase? before = Database;
        string? known = Volatile.Read(ref _problem);
        string? problem = Refresh(certain);
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

    private void Read(FileStream content)
    {
        if (content.Length > MaxLength)
        {
            throw new IOException($"it has more than {MaxLength} octets");
        }

        if (GeoDatabase.TryRead(FollowedFile.ReadAll(content), out GeoDatabase? database, out _wrongContent))
        {
            Volatile.Write(ref _database, database);
        }
    }
}
