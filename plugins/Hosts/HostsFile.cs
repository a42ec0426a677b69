using Microsoft.Extensions.Logging;
using MiniDns.Files;
using MiniDns.Plugins;

namespace MiniDns.Plugins.Hosts;

/// <summary>Keeps a <see cref="HostsStore"/> up to date with its file: read at the start, after each change, and swapped as a whole.</summary>
/// <remarks>A file that is gone or cannot be read leaves the old entries in place.</remarks>
internal sealed class HostsFile : IServerComponent
{
    /// <summary>How long the file has to be quiet before it is read: an editor truncates, then writes.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(25);

    private readonly HostsOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private readonly HostsMetrics _metrics = new();
    private readonly Lock _reading = new();
    private readonly FollowedFile _file;
    private readonly FileFollower _follower;
    private HostsStore _store;

    /// <summary>Serves the inline entries until the file is read.</summary>
    /// <param name="options">What the directive says.</param>
    /// <param name="services">Clock, logs, metrics.</param>
    /// <param name="previous">The file of the configuration being replaced, whose records are taken over when they would be the same.</param>
    public HostsFile(HostsOptions options, DnsServices services, HostsFile? previous = null)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor("hosts");
        _file = new FollowedFile(options.Path);
        _follower = new FileFollower(
            [options.Path],
            options.Reload,
            QuietTime,
            services.Time,
            Refresh,
            (directory, reason) => HostsLog.Unwatched(_logger, directory, reason, options.Path, options.Reload.TotalSeconds));
        if (previous is not null && previous._options.GivesSameRecords(options))
        {
            lock (previous._reading)
            {
                _store = previous._store;
                _file.TakeOver(previous._file);
            }
        }
        else
        {
            var builder = new HostsStoreBuilder(options);
            AddInline(builder);
            _store = builder.Build();
        }
    }

    /// <summary>What the directive says.</summary>
    public HostsOptions Options => _options;

    /// <summary>The records of now. A query reads it once.</summary>
    public HostsStore Store => Volatile.Read(ref _store);

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _metrics.Set(Store.EntryCount, _file.SeenAt);
        _metrics.Publish(_services.Metrics, _options.Path);
        _follower.Start();
        Refresh(certain: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _follower.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Looks at the file and reads it when it is another one than before.</summary>
    /// <param name="certain">True when it is known to have changed, whatever its time and length say.</param>
    internal void Refresh(bool certain)
    {
        lock (_reading)
        {
            if (_file.Look(certain, Read, out Exception? failure) == FollowedFileOutcome.Read)
            {
                _metrics.Set(_store.EntryCount, _file.SeenAt);
            }
            else if (failure is not null)
            {
                Complain(failure);
            }
        }
    }

    private void Read(FileStream content)
    {
        var builder = new HostsStoreBuilder(_options);
        var problems = new HostsProblems();
        HostsText.Read(content, (address, name) => builder.Add(address, name) ? null : $"{name} has more than {HostsStoreBuilder.MaxAddresses} addresses", problems);
        AddInline(builder);
        Volatile.Write(ref _store, builder.Build());
        HostsLog.Read(_logger, _options.Path, _store.EntryCount);
        foreach ((int line, string message) in problems.Kept)
        {
            HostsLog.BadLine(_logger, _options.Path, line, message);
        }

        if (problems.Count > problems.Kept.Count)
        {
            HostsLog.MoreBadLines(_logger, _options.Path, problems.Count - problems.Kept.Count);
        }
    }

    private void AddInline(HostsStoreBuilder builder)
    {
        foreach (HostsEntry entry in _options.Inline)
        {
            builder.Add(entry.Address, entry.Name);
        }
    }

    private void Complain(Exception exception)
    {
        if (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            HostsLog.Missing(_logger, _options.Path);
        }
        else
        {
            HostsLog.Unreadable(_logger, _options.Path, exception.Message);
        }
    }
}
