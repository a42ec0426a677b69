using MiniDns.Diagnostics;
using MiniDns.Files;
using MiniDns.Plugins;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>The policy zones of a directive, kept up to date with their files.</summary>
internal sealed class RpzZones : IServerComponent
{
    /// <summary>How long files have to be quiet before they are read: a download writes for a while.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private readonly DnsServices _services;
    private readonly RpzMeter _meter;
    private readonly Lock _reading = new();
    private readonly FileFollower _follower;

    /// <summary>Makes the zones; each holds what the zone of the same source held before, or nothing.</summary>
    public RpzZones(RpzOptions options, DnsServices services, RpzMeter meter, RpzZones? previous = null)
    {
        _services = services;
        _meter = meter;
        All = [.. options.Zones.Select(z => new RpzZone(z))];
        _follower = new FileFollower(
            [.. options.Zones.Where(z => z.Path is not null).Select(z => z.Path!)],
            options.Reload,
            QuietTime,
            services.Time,
            Refresh,
            (directory, reason) => RpzLog.Unwatched(meter.Logger, directory, reason, options.Reload.TotalSeconds));
        if (previous is not null)
        {
            lock (previous._reading)
            {
                foreach (RpzZone zone in All)
                {
                    zone.TakeOver(previous.All);
                }
            }
        }
    }

    /// <summary>The zones, in the order of precedence.</summary>
    public RpzZone[] All { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (RpzZone zone in All)
        {
            zone.Publish(_services.Metrics);
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

    /// <summary>Reads the files that changed.</summary>
    /// <param name="certain">True when one is known to have changed, whatever times and lengths say.</param>
    internal void Refresh(bool certain)
    {
        lock (_reading)
        {
            foreach (RpzZone zone in All)
            {
                if (zone.File is not { } file)
                {
                    continue;
                }

                byte[] text = [];
                FollowedFileOutcome outcome = file.Look(certain, stream => text = FollowedFile.ReadAll(stream), out Exception? failure);
                if (outcome == FollowedFileOutcome.Read)
                {
                    Load(zone, file.Path, text);
                }
                else if (failure is not null)
                {
                    Fail(zone, file.Path, failure.Message);
                }
            }
        }
    }

    private void Load(RpzZone zone, string path, byte[] text)
    {
        var problems = new ZoneProblems();
        PolicyZone? version = PolicyFile.Read(text, path, zone.Options.Origin, problems, out int malformed);
        PolicyReport.Tell(_meter.Logger, path, problems, malformed);
        if (version is null)
        {
            Fail(zone, path, problems.Errors.FirstOrDefault()?.ToString() ?? "it is no zone file");
            return;
        }

        zone.Malformed = malformed;
        zone.Current = version;
        RpzLog.Read(_meter.Logger, zone.Options.Origin.ToString(), path, version.Serial, version.Describe(), malformed);
    }

    private void Fail(RpzZone zone, string path, string reason)
    {
        zone.Failures(_services.Metrics).Increment();
        string what = zone.Current is { } old ? $"serial {old.Serial} stays" : "it does nothing";
        RpzLog.Failed(_meter.Logger, zone.Options.Origin.ToString(), path, reason, what);
    }
}
