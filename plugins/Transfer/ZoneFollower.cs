using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Transfer;

/// <summary>Makes the zones of another plugin fit for transfers: finds them, keeps their histories, has changes told to secondaries.</summary>
internal sealed class ZoneFollower : ITransferSource
{
    private readonly IZoneSource _source;
    private readonly TransferRules _rules;
    private readonly ZoneHistories _histories;
    private readonly ITransferNotifier _notifier;
    private readonly Lock _gate = new();
    private readonly Lock _noting = new();
    private readonly HashSet<ServedZone> _followed = [];
    private ZoneHistories? _previous;
    private bool _isStopped;

    /// <summary>Makes a follower, which begins to follow when it is started.</summary>
    /// <param name="source">The plugin.</param>
    /// <param name="rules">Which zones may be transferred.</param>
    /// <param name="histories">Keeps the histories.</param>
    /// <param name="previous">What the configuration before this one kept.</param>
    /// <param name="notifier">Is told of changes.</param>
    public ZoneFollower(IZoneSource source, TransferRules rules, ZoneHistories histories, ZoneHistories? previous, ITransferNotifier notifier)
    {
        _source = source;
        _rules = rules;
        _histories = histories;
        _previous = previous;
        _notifier = notifier;
    }

    /// <inheritdoc/>
    public bool TryGetZone(DnsNameView origin, out ITransferZone? zone)
    {
        zone = null;
        if (!_source.Zones.TryFind(origin, DnsRecordType.SOA, out ServedZone? served) || served.Origin.Length != origin.Length)
        {
            return false;
        }

        if (served.Current is { } version)
        {
            zone = new ServedZoneVersion(version, _histories.Find(version));
        }

        return true;
    }

    /// <summary>Follows the zones from now on.</summary>
    public void Start()
    {
        _source.ZonesChanged += Look;
        Look();
        _previous = null;
    }

    /// <summary>Follows them no more.</summary>
    public void Stop()
    {
        _source.ZonesChanged -= Look;
        lock (_gate)
        {
            _isStopped = true;
            foreach (ServedZone zone in _followed)
            {
                zone.Published -= Published;
            }

            _followed.Clear();
        }
    }

    /// <summary>Follows zones that have come and leaves those that have gone.</summary>
    private void Look()
    {
        List<ServedZone> come = [];
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            HashSet<ServedZone> present = [];
            foreach (ServedZone zone in _source.Zones.All)
            {
                if (_rules.Find(zone.Origin.View) is not null)
                {
                    present.Add(zone);
                    if (_followed.Add(zone))
                    {
                        come.Add(zone);
                    }
                }
            }

            foreach (ServedZone gone in _followed.Where(z => !present.Contains(z)).ToArray())
            {
                _followed.Remove(gone);
                gone.Published -= Published;
                _histories.Forget(gone.Origin);
            }
        }

        foreach (ServedZone zone in come)
        {
            if (_previous is not null)
            {
                _histories.Adopt(zone.Origin, _previous);
            }

            // A version that comes between these two lines is noted twice, which does no harm.
            zone.Published += Published;
            if (zone.Current is { } version)
            {
                Note(zone, version);
            }
        }
    }

    private void Published(ServedZone zone, Zone? before, Zone? after)
    {
        if (after is not null)
        {
            Note(zone, after);
        }
    }

    private void Note(ServedZone zone, Zone version)
    {
        lock (_noting)
        {
            _histories.Note(version);
        }

        _notifier.ZoneChanged(zone.Origin);
    }
}
