using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Files;
using MiniDns.Plugins;

namespace MiniDns.Plugins.NameLists;

/// <summary>Keeps a <see cref="ListStore"/> up to date with its files: a file that changes is read anew, what the others said is copied, and
/// the new store replaces the old one as a whole.</summary>
internal sealed class NameListFiles : IServerComponent
{
    /// <summary>How long files have to be quiet before they are read: a download writes for a while.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private readonly NameListOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private readonly ListGauges _gauges;
    private readonly Lock _reading = new();
    private readonly FollowedFile?[] _files;
    private readonly FileFollower _follower;
    private readonly ListSummary?[] _untold;
    private ConfigDiagnostics? _diagnostics;
    private ListStore _store;

    /// <summary>Holds the Corefile's names until the files are read, or what was held before when the lists are the same.</summary>
    public NameListFiles(NameListOptions options, DnsServices services, NameListFiles? previous = null)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor(options.Plugin);
        _gauges = new ListGauges(services.Metrics, options);
        _files = [.. options.Lists.Select(l => l.Path is { } path ? new FollowedFile(path) : null)];
        _untold = new ListSummary?[options.Lists.Count];
        _follower = new FileFollower(
            [.. options.Lists.Where(l => l.Path is not null).Select(l => l.Path!)],
            options.Reload,
            QuietTime,
            services.Time,
            Refresh,
            (directory, reason) => NameListLog.Unwatched(_logger, directory, reason, options.Reload.TotalSeconds));
        if (previous is not null && previous._options.GivesSameStore(options))
        {
            lock (previous._reading)
            {
                _store = previous._store;
                _gauges.CopyFrom(previous._gauges);
                for (int list = 0; list < _files.Length; list++)
                {
                    _files[list]?.TakeOver(previous._files[list]!);
                }
            }
        }
        else
        {
            var builder = new ListStoreBuilder();
            foreach ((byte[] wire, bool allows) in options.Inline)
            {
                uint bit = allows ? ListMarks.AllowBit(0) : ListMarks.BlockBit(0);
                builder.Add(wire, new ListMarks(bit, bit));
            }

            _store = builder.Build();
            _gauges.Set(0, options.Inline.Count, 0);
        }
    }

    /// <summary>The names of now. A query reads it once.</summary>
    public ListStore Store => Volatile.Read(ref _store);

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _gauges.Publish(_services.Metrics);
        for (int list = 0; list < _untold.Length; list++)
        {
            if (_untold[list] is { } summary)
            {
                _untold[list] = null;
                NameListLog.Read(_logger, _files[list]!.Path, summary.Names, summary.Unsupported, summary.Malformed);
            }
        }

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

    /// <summary>Reads the files while the configuration is read: what is wrong in them is doubtful there.</summary>
    public void ReadAtSetup(ConfigDiagnostics diagnostics)
    {
        lock (_reading)
        {
            _diagnostics = diagnostics;
            Refresh(certain: false);
            _diagnostics = null;
        }
    }

    /// <summary>Reads the files that changed.</summary>
    /// <param name="certain">True when one is known to have changed, whatever times and lengths say.</param>
    internal void Refresh(bool certain)
    {
        lock (_reading)
        {
            ListStoreBuilder? builder = null;
            for (int list = 0; list < _options.Lists.Count; list++)
            {
                if (_files[list] is { } file)
                {
                    byte[] content = [];
                    FollowedFileOutcome outcome = file.Look(certain, stream => content = FollowedFile.ReadAll(stream), out Exception? failure);
                    if (outcome == FollowedFileOutcome.Read)
                    {
                        builder = Replace(builder, list, file.Path, content);
                    }
                    else if (failure is not null)
                    {
                        _gauges.Failed(list);
                        if (_diagnostics is { } diagnostics)
                        {
                            diagnostics.Warning(_options.Places[list], $"{_options.Plugin}: {file.Path} cannot be read: {failure.Message}");
                        }
                        else
                        {
                            NameListLog.Unreadable(_logger, file.Path, failure.Message);
                        }
                    }
                }
            }

            if (builder is not null)
            {
                Volatile.Write(ref _store, builder.Build());
            }

            _gauges.SetOctets(_store.Octets);
        }
    }

    private static uint BitsOf(int list) => ListMarks.BlockBit(list) | ListMarks.AllowBit(list);

    /// <summary>Puts a list's new content into the builder, beside what the other lists say.</summary>
    private ListStoreBuilder? Replace(ListStoreBuilder? builder, int list, string path, byte[] content)
    {
        // Read once only to see what it is: a page of HTML that came in place of a list must not open everything.
        ListSummary look = ListText.Read(content, static (_, _) => true);
        if (look.IsNoList)
        {
            _gauges.Failed(list);
            if (_diagnostics is { } diagnostics)
            {
                diagnostics.Warning(_options.Places[list], $"{_options.Plugin}: {path} is no list: {look.Malformed} lines are malformed, {look.Names + look.Unsupported} are right");
            }
            else
            {
                NameListLog.NoList(_logger, path, look.Malformed, look.Names + look.Unsupported);
            }

            Report(path, look);
            return builder;
        }

        ListStoreBuilder next = new();
        uint others = ~BitsOf(list);
        (builder?.Build() ?? _store).CopyTo(next, others);
        bool allows = _options.Lists[list].Allows;
        ListSummary summary = ListText.Read(content, (wire, rule) =>
        {
            uint bit = allows || (rule & ListRule.Allow) != 0 ? ListMarks.AllowBit(list) : ListMarks.BlockBit(list);
            return next.Add(wire, new ListMarks((rule & ListRule.Exact) != 0 ? bit : 0, (rule & ListRule.Below) != 0 ? bit : 0));
        });
        _gauges.Set(list, summary.Names, summary.Malformed);
        if (_diagnostics is null)
        {
            NameListLog.Read(_logger, path, summary.Names, summary.Unsupported, summary.Malformed);
        }
        else
        {
            _untold[list] = summary;
        }

        Report(path, summary);
        return next;
    }

    private void Report(string path, ListSummary summary)
    {
        int more = summary.Malformed - summary.Kept.Count;
        if (_diagnostics is { } diagnostics)
        {
            foreach ((int line, int column, string message) in summary.Kept)
            {
                string last = more > 0 && line == summary.Kept[^1].Line ? $", and {more} lines further on" : string.Empty;
                diagnostics.Warning(new SourceSpan(path, line, column, 1), $"{_options.Plugin}: {message}; skipped{last}");
            }

            return;
        }

        foreach ((int line, int column, string message) in summary.Kept)
        {
            NameListLog.BadLine(_logger, path, line, column, message);
        }

        if (more > 0)
        {
            NameListLog.MoreBadLines(_logger, path, more);
        }
    }
}
