using Microsoft.Extensions.Logging;
using MiniDns.Files;

namespace MiniDns.Plugins.Reload;

/// <summary>Asks for a reload when the files of the configuration have changed.</summary>
/// <remarks>The system's notices are what it acts on; the look at every interval is for file systems that give none, and for what they miss.
/// A configuration that was turned down is not tried again before it changes.</remarks>
internal sealed class ReloadWatcher(TimeSpan interval, DnsServices services) : IServerComponent
{
    private const string VersionMetric = "coredns_reload_version_info";

    /// <summary>How long the files have to be quiet: an editor truncates, then writes.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _log = services.LoggerFor("reload");
    private readonly Lock _looking = new();
    private string? _seen;
    private FileWatch? _watch;
    private ITimer? _poll;
    private ITimer? _quiet;
    private bool _isDisposed;

    /// <summary>False when another block's directive watches already.</summary>
    public bool IsOnWatch { get; set; } = true;

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (!IsOnWatch || services.Server.Origin is not { } origin)
        {
            return ValueTask.CompletedTask;
        }

        _seen = origin.Fingerprint;
        ReloadLog.Running(_log, origin.Fingerprint);
        services.Metrics.Gauge(VersionMetric, "The digest of the configuration that runs.", static () => 1, ("hash", "sha512"), ("value", origin.Fingerprint));
        _quiet = services.Time.CreateTimer(static w => ((ReloadWatcher)w!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = new FileWatch(origin.Files, _ => _quiet.Change(QuietTime, Timeout.InfiniteTimeSpan));
        _poll = services.Time.CreateTimer(static w => ((ReloadWatcher)w!).Look(), this, interval, interval);
        Watch();

        // Whatever changed between the reading of the configuration and this moment.
        _quiet.Change(QuietTime, Timeout.InfiniteTimeSpan);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        _poll?.Dispose();
        _quiet?.Dispose();
        lock (_looking)
        {
            _isDisposed = true;
        }

        return ValueTask.CompletedTask;
    }

    private void Look()
    {
        lock (_looking)
        {
            if (_isDisposed)
            {
                return;
            }

            try
            {
                Watch();
                string? now = services.Server.ReadFingerprint();
                if (now is null || now == _seen)
                {
                    return;
                }

                _seen = now;
                services.Server.RequestReload("the configuration's files have changed");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                ReloadLog.CannotLook(_log, e.Message);
            }
        }
    }

    private void Watch()
    {
        if (_watch?.Renew() is var (directory, reason))
        {
            ReloadLog.CannotWatch(_log, directory, reason);
        }
    }
}
