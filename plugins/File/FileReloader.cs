using Microsoft.Extensions.Logging;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;

namespace MiniDns.Plugins.FileZones;

/// <summary>Looks at zone files from time to time and reads those that have changed.</summary>
internal sealed class FileReloader(IReadOnlyList<FileReload> files, DnsServices services) : IServerComponent
{
    private readonly ILogger _logger = services.LoggerFor("file");
    private readonly List<ITimer> _timers = [];
    private volatile bool _disposed;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (IGrouping<TimeSpan, FileReload> group in files.Where(f => f.Interval > TimeSpan.Zero).GroupBy(f => f.Interval))
        {
            var round = new Round(this, [.. group]);
            _timers.Add(services.Time.CreateTimer(static state => ((Round)state!).Look(), round, group.Key, group.Key));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (ITimer timer in _timers)
        {
            timer.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The files that are looked at together.</summary>
    private sealed class Round(FileReloader owner, FileReload[] files)
    {
        private int _isRunning;

        public void Look()
        {
            // Large files may take longer than the interval.
            if (owner._disposed || Interlocked.Exchange(ref _isRunning, 1) != 0)
            {
                return;
            }

            try
            {
                foreach (FileReload file in files)
                {
                    if (!owner._disposed)
                    {
                        ZoneFileReport.Refresh(file.File, file.ByTime, owner._logger);
                    }
                }
            }
            catch (Exception e)
            {
                ZoneLog.LookFailed(owner._logger, e);
            }
            finally
            {
                Volatile.Write(ref _isRunning, 0);
            }
        }
    }
}
