using System.Diagnostics.CodeAnalysis;
using MiniDns.Plugins;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>The zones of a block's <c>secondary</c> directives: those of the Corefile, and those that catalogs add and remove.</summary>
internal sealed class SecondaryZones : IServerComponent, IZoneSource, INotifiedZones
{
    private static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();             // guards who is there; taken before a zone's own lock
    private readonly Dictionary<DnsName, SecondaryZone> _zones = [];
    private readonly ZoneKeeper<Zone> _keeper;
    private readonly List<Task> _stopping = [];
    private readonly TransferContext _context;
    private readonly CatalogMembers _members;
    private SecondaryZones? _previous;
    private Snapshot _now;
    private bool _isStopped;

    /// <summary>Makes the zones; none of them does anything yet.</summary>
    /// <param name="directives">The directives.</param>
    /// <param name="context">What the zones share.</param>
    /// <param name="previous">The zones of the configuration that is being replaced.</param>
    public SecondaryZones(IEnumerable<SecondaryOptions> directives, TransferContext context, SecondaryZones? previous)
    {
        _context = context;
        _previous = previous;
        _keeper = new ZoneKeeper<Zone>(context, SecondaryFormat.Instance);
        _members = new CatalogMembers(this, context.Logger);
        foreach (SecondaryOptions options in directives)
        {
            foreach (DnsName origin in options.Zones)
            {
                _zones[origin] = new SecondaryZone(origin, options, context);
            }
        }

        _now = new Snapshot(_zones.Values);
    }

    /// <inheritdoc/>
    public event Action? ZonesChanged;

    /// <inheritdoc/>
    public ZoneTable Zones => Volatile.Read(ref _now).Table;

    /// <summary>Finds a zone by its name.</summary>
    public bool TryGet(DnsName origin, [NotNullWhen(true)] out SecondaryZone? zone) => Volatile.Read(ref _now).ByName.TryGet(origin.View, out zone);

    /// <inheritdoc/>
    public bool TryFind(DnsNameView name, [NotNullWhen(true)] out INotifiedZone? zone)
    {
        bool isFound = Volatile.Read(ref _now).ByName.TryGet(name, out SecondaryZone? found);
        zone = found;
        return isFound;
    }

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        SecondaryZone[] zones;
        lock (_lock)
        {
            zones = [.. _zones.Values];
        }

        // Data first, so that what there is from before is served from the first query on.
        foreach (SecondaryZone zone in zones)
        {
            Begin(zone);
        }

        foreach (SecondaryZone zone in zones)
        {
            if (zone.Options.MemberZones is not null && zone.Snapshot is { } snapshot)
            {
                Apply(zone, snapshot.Data);
            }
        }

        foreach (SecondaryZone zone in zones)
        {
            zone.Start();
        }

        _previous = null;
        long start = _context.Time.GetTimestamp();
        while (_context.IsReadOnly && Array.Exists(zones, z => z.Snapshot is null) && _context.Time.GetElapsedTime(start) < TrialPatience)
        {
            // What is tried out gets one query, and gets it at once.
            await Task.Delay(LookInterval, _context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        SecondaryZone[] zones;
        lock (_lock)
        {
            _isStopped = true;
            zones = [.. _zones.Values];
        }

        await Task.WhenAll(zones.Select(z => z.DisposeAsync().AsTask())).ConfigureAwait(false);
        Task[] stopping;
        lock (_lock)
        {
            stopping = [.. _stopping];
        }

        await Task.WhenAll(stopping).ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Changes which catalog members are there, in one step.</summary>
    /// <param name="removed">Zones that go. Their files go too, unless the zone of that name stays under another owner.</param>
    /// <param name="added">Zones that come; the flag is true when the zone begins with what its predecessor of the same name has.</param>
    internal void Replace(IReadOnlyCollection<SecondaryZone> removed, IReadOnlyCollection<(SecondaryZone Zone, bool Continues)> added)
    {
        var kept = added.Where(a => a.Continues).ToDictionary(a => a.Zone.Origin, a => a.Zone);
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            _stopping.RemoveAll(t => t.IsCompleted);
            foreach (SecondaryZone zone in removed)
            {
                _zones.Remove(zone.Origin);
                _stopping.Add(zone.DisposeAsync().AsTask());
                if (kept.TryGetValue(zone.Origin, out SecondaryZone? heir))
                {
                    heir.TakeOver(zone);
                    Watch(heir);
                }
                else
                {
                    _keeper.Forget(zone);
                }
            }

            foreach ((SecondaryZone zone, bool continues) in added)
            {
                _zones[zone.Origin] = zone;
                if (!continues)
                {
                    Begin(zone);
                }
            }

            Volatile.Write(ref _now, new Snapshot(_zones.Values));
        }

        ZonesChanged?.Invoke();
        foreach ((SecondaryZone zone, _) in added)
        {
            zone.Start();
        }
    }

    /// <summary>Makes a zone for a member of a catalog.</summary>
    internal SecondaryZone MakeMember(DnsName origin, SecondaryZone catalog) =>
        new(origin, catalog.Options with { Zones = [origin], MemberZones = null }, _context);

    /// <summary>Gives a zone the data that there is from before, and listens to it.</summary>
    private void Begin(SecondaryZone zone)
    {
        Watch(zone);
        SecondaryZone? before = null;
        _previous?.TryGet(zone.Origin, out before);
        _keeper.Begin(zone, before);
    }

    private void Watch(SecondaryZone zone) => zone.Confirmed += isNew => OnConfirmed(zone, isNew);

    private void OnConfirmed(SecondaryZone zone, bool isNew)
    {
        _keeper.Note(zone);
        if (isNew && zone.Options.MemberZones is not null && zone.Snapshot is { } snapshot)
        {
            Apply(zone, snapshot.Data);
        }
    }

    private void Apply(SecondaryZone catalog, Zone data)
    {
        if (CatalogReader.TryRead(data, out Dictionary<DnsName, CatalogMember>? members, out string? error))
        {
            _members.Apply(catalog, members);
        }
        else
        {
            SecondaryLog.BrokenCatalog(_context.Logger, catalog.Origin.ToString(), error);
        }
    }

    /// <summary>Who is there, for those that must not wait for a lock.</summary>
    private sealed class Snapshot(IReadOnlyCollection<SecondaryZone> zones)
    {
        public ZoneTable Table { get; } = new([.. zones.Select(z => z.Served)]);

        public DnsNameTable<SecondaryZone> ByName { get; } = new([.. zones.Select(z => KeyValuePair.Create(z.Origin, z))]);
    }
}
