using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Auto;

/// <summary>The zones whose files are in a directory: read at the start, then looked at from time to time.</summary>
/// <remarks>A file that cannot be served is logged and tried again when it changes; a zone that was served stays until its file is gone.</remarks>
internal sealed class AutoZones : IServerComponent, IZoneSource
{
    /// <summary>At the first look so many files are worth one line together rather than one each.</summary>
    private const int ManyFiles = 100;

    private readonly AutoOptions _options;
    private readonly DnsServices _services;
    private readonly ILogger _logger;
    private readonly Lock _looking = new();
    private Dictionary<DnsName, ZoneFile> _files = [];
    private ZoneTable _zones = ZoneTable.Empty;
    private ITimer? _timer;
    private volatile bool _disposed;

    /// <summary>Has no zones until it is started.</summary>
    public AutoZones(AutoOptions options, DnsServices services)
    {
        _options = options;
        _services = services;
        _logger = services.LoggerFor("auto");
    }

    /// <inheritdoc/>
    public event Action? ZonesChanged;

    /// <inheritdoc/>
    public ZoneTable Zones => Volatile.Read(ref _zones);

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Look();
        if (_options.Reload > TimeSpan.Zero)
        {
            _timer = _services.Time.CreateTimer(static state => ((AutoZones)state!).OnTimer(), this, _options.Reload, _options.Reload);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _timer?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Looks at the directory and at every zone file in it.</summary>
    internal void Look()
    {
        lock (_looking)
        {
            if (_disposed || FindFiles() is not { } paths)
            {
                return;
            }

            bool isMany = _files.Count == 0 && paths.Count > ManyFiles;
            Dictionary<DnsName, ZoneFile> files = new(paths.Count);
            int failed = 0;
            int served = 0;
            bool isChanged = false;
            foreach ((DnsName origin, string path) in paths)
            {
                if (_disposed)
                {
                    return;
                }

                ZoneFile file = _files.TryGetValue(origin, out ZoneFile? known) ? known : new ZoneFile(path, origin);
                file.Path = path;
                bool wasServed = file.Served.Current is not null;
                ZoneFileOutcome outcome = ZoneFileReport.Refresh(file, _options.ReloadByTime, _logger, isMany);
                failed += outcome is ZoneFileOutcome.Refused or ZoneFileOutcome.Unreadable ? 1 : 0;
                bool isServed = file.Served.Current is not null;
                served += isServed ? 1 : 0;
                isChanged |= isServed != wasServed;
                files.Add(origin, file);
            }

            foreach ((DnsName origin, ZoneFile file) in _files)
            {
                if (!files.ContainsKey(origin))
                {
                    isChanged |= file.Served.Current is not null;
                    ZoneLog.Removed(_logger, origin.ToString(), file.Path);
                }
            }

            _files = files;
            if (isChanged)
            {
                Volatile.Write(ref _zones, new ZoneTable([.. files.Values.Where(f => f.Served.Current is not null).Select(f => f.Served)]));
                ZonesChanged?.Invoke();
            }

            if (isMany)
            {
                ZoneLog.LoadedMany(_logger, served, _options.Directory, failed);
            }
        }
    }

    private void OnTimer()
    {
        // A look that takes longer than the interval is not overtaken by the next.
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            Look();
        }
        catch (Exception e)
        {
            ZoneLog.LookFailed(_logger, e);
        }
        finally
        {
            _looking.Exit();
        }
    }

    /// <summary>The zone files by zone, found depth first in the order of their names; null when the directory cannot be read.</summary>
    private Dictionary<DnsName, string>? FindFiles()
    {
        Dictionary<DnsName, string> found = [];
        if (_options.Directory.Length == 0)
        {
            return found;
        }

        try
        {
            Collect(new DirectoryInfo(Directory.ResolveLinkTarget(_options.Directory, returnFinalTarget: true)?.FullName ?? _options.Directory), found);
            return found;
        }
        catch (DirectoryNotFoundException)
        {
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ZoneLog.Unreadable(_logger, _options.Directory, e.Message);
            return null;
        }
    }

    private void Collect(DirectoryInfo directory, Dictionary<DnsName, string> found)
    {
        FileSystemInfo[] entries = directory.GetFileSystemInfos();
        Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (FileSystemInfo entry in entries)
        {
            if (entry is DirectoryInfo inner)
            {
                // Links to directories are not followed. Kubernetes keeps the versions of a mounted volume in directories that
                // start with two dots, and links to the present files beside them.
                if (inner.LinkTarget is null && !inner.Name.StartsWith("..", StringComparison.Ordinal))
                {
                    Collect(inner, found);
                }

                continue;
            }

            Match match = _options.Pattern.Regex.Match(entry.Name);
            if (!match.Success)
            {
                continue;
            }

            string text = _options.Template.Expand(_options.Pattern, match);
            if (text.Length == 0 || !DnsName.TryParse(text, null, out DnsName? origin, out string? error))
            {
                ZoneLog.BadOrigin(_logger, entry.FullName, $"'{text}' is not the name of a zone");
                continue;
            }

            origin = origin.ToLower();
            if (!found.TryAdd(origin, entry.FullName))
            {
                ZoneLog.Duplicate(_logger, entry.FullName, origin.ToString(), found[origin]);
            }
        }
    }
}
