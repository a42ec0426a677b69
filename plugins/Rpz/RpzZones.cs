using System.Diagnostics.CodeAnalysis;
using MiniDns.Configuration;
using MiniDns.Files;
using MiniDns.Plugins;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>The policy zones of a directive, kept up to date with their files and primaries.</summary>
internal sealed class RpzZones : IServerComponent, INotifiedZones
{
    /// <summary>How long files have to be quiet before they are read: a download writes for a while.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private readonly DnsServices _services;
    private readonly RpzMeter _meter;
    private readonly Lock _reading = new();
    private readonly FileFollower _follower;
    private readonly ZoneKeeper<PolicyZone> _keeper;
    private readonly DnsNameTable<RpzTransfer> _transfers;
    private readonly List<(RpzZone Zone, string Path)> _untold = [];
    private ConfigDiagnostics? _diagnostics;
    private RpzZones? _previous;

    /// <summary>Makes the zones; each holds what the zone of the same source held before, or nothing.</summary>
    public RpzZones(RpzOptions options, DnsServices services, TransferContext context, RpzMeter meter, RpzZones? previous = null)
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
        _keeper = new ZoneKeeper<PolicyZone>(context, PolicyFormat.Instance);
        Transfers = [.. All.Where(z => z.Options.Source is not null).Select(z => new RpzTransfer(z, z.Options.Source!, context))];
        _transfers = new DnsNameTable<RpzTransfer>([.. Transfers.Select(t => KeyValuePair.Create(t.Origin, t))]);
        _previous = previous;
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

    /// <summary>The zones that are transferred.</summary>
    internal IReadOnlyList<RpzTransfer> Transfers { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (RpzZone zone in All)
        {
            zone.Publish(_services.Metrics);
        }

        foreach ((RpzZone zone, string path) in _untold)
        {
            TellRead(zone, path);
        }

        _untold.Clear();
        _follower.Start();
        Refresh(certain: false);
        foreach (RpzTransfer transfer in Transfers)
        {
            RpzTransfer? before = null;
            _previous?._transfers.TryGet(transfer.Origin.View, out before);
            transfer.Confirmed += isNew => OnConfirmed(transfer, isNew);
            _keeper.Begin(transfer, before);
        }

        foreach (RpzTransfer transfer in Transfers)
        {
            transfer.Start();
        }

        _previous = null;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _follower.Dispose();
        await Task.WhenAll(Transfers.Select(t => t.DisposeAsync().AsTask())).ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool TryFind(DnsNameView name, [NotNullWhen(true)] out INotifiedZone? zone)
    {
        bool isFound = _transfers.TryGet(name, out RpzTransfer? found);
        zone = found;
        return isFound;
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

    private void OnConfirmed(RpzTransfer transfer, bool isNew)
    {
        _keeper.Note(transfer);
        if (isNew)
        {
            TellRead(transfer.Zone, "its primary");
        }
    }

    private void Load(RpzZone zone, string path, byte[] text)
    {
        var problems = new ZoneProblems();
        PolicyZone? version = PolicyFile.Read(text, path, zone.Options.Origin, problems, out int malformed);
        if (_diagnostics is { } diagnostics)
        {
            PolicyReport.Tell(diagnostics, problems, malformed);
        }
        else
        {
            PolicyReport.Tell(_meter.Logger, path, problems, malformed);
        }

        if (version is null)
        {
            Fail(zone, path, problems.Errors.FirstOrDefault()?.ToString() ?? "it is no zone file");
            return;
        }

        zone.Current = version;
        if (_diagnostics is null)
        {
            TellRead(zone, path);
        }
        else
        {
            _untold.Add((zone, path));
        }
    }

    private void TellRead(RpzZone zone, string source)
    {
        if (zone.Current is { } version)
        {
            RpzLog.Read(_meter.Logger, zone.Options.Origin.ToString(), source, version.Serial, version.Describe(), version.Malformed);
        }
    }

    private void Fail(RpzZone zone, string path, string reason)
    {
        zone.Failures(_services.Metrics).Increment();
        if (_diagnostics is { } diagnostics)
        {
            diagnostics.Warning(zone.Options.Place, $"rpz: policy zone {zone.Options.Origin} could not be read: {reason}");
            return;
        }

        string what = zone.Current is { } old ? $"serial {old.Serial} stays" : "it does nothing";
        RpzLog.Failed(_meter.Logger, zone.Options.Origin.ToString(), path, reason, what);
    }
}
