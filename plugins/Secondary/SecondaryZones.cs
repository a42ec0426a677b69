using System.Diagnostics.CodeAnalysis;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>The zones of a block's <c>secondary</c> directives: those of the Corefile, and those that catalogs add and remove.</summary>
internal sealed class SecondaryZones : IServerComponent, IZoneSource
{
    private readonly Lock _lock = new();             // guards who is there; taken before a zone's own lock
    private readonly Dictionary<DnsName, SecondaryZone> _zones = [];
    private readonly Dictionary<string, StoreWriter> _writers = new(StringComparer.Ordinal);
    private readonly List<Task> _stopping = [];
    private readonly SecondaryContext _context;
    private readonly CatalogMembers _members;
    private SecondaryZones? _previous;
    private Snapshot _now;
    private bool _isStarted;
    private bool _isStopped;

    /// <summary>Makes the zones; none of them does anything yet.</summary>
    /// <param name="directives">The directives.</param>
    /// <param name="context">What the zones share.</param>
    /// <param name="previous">The zones of the configuration that is being replaced.</param>
    public SecondaryZones(IEnumerable<SecondaryOptions> directives, SecondaryContext context, SecondaryZones? previous)
    {
        _context = context;
        _previous = previous;
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
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        SecondaryZone[] zones;
        lock (_lock)
        {
            _isStarted = true;
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
        return ValueTask.CompletedTask;
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
        foreach (StoreWriter writer in _writers.Values)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }
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
                else if (WriterOf(zone) is { } writer)
                {
                    writer.Forget(zone);
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
        StoreWriter? writer = WriterOf(zone);
        if (_previous is { } previous && previous.TryGet(zone.Origin, out SecondaryZone? before) && before.Snapshot is not null)
        {
            zone.TakeOver(before);
            writer?.Enqueue(zone);
            return;
        }

        if (zone.Options.StoreDirectory is not { } directory)
        {
            return;
        }

        var store = new ZoneStore(directory);
        if (store.TryLoad(zone.Origin, out Zone? data, out DateTimeOffset confirmedAt, out string? failure))
        {
            // A time in the future comes of a clock that was wrong.
            TimeSpan age = _context.Time.GetUtcNow() - confirmedAt;
            age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
            zone.Restore(data!, age);
            writer?.NoteSaved(zone, data!);
            SecondaryLog.Restored(_context.Logger, zone.Origin.ToString(), store.PathOf(zone.Origin), data!.Serial, age);
        }
        else if (failure is not null)
        {
            SecondaryLog.Unreadable(_context.Logger, zone.Origin.ToString(), store.PathOf(zone.Origin), failure);
        }
    }

    private void Watch(SecondaryZone zone) => zone.Confirmed += OnConfirmed;

    private void OnConfirmed(SecondaryZone zone, bool isNew)
    {
        WriterOf(zone)?.Enqueue(zone);
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

    /// <summary>What writes a zone to disk; null when nothing does.</summary>
    private StoreWriter? WriterOf(SecondaryZone zone)
    {
        if (zone.Options.StoreDirectory is not { } directory)
        {
            return null;
        }

        lock (_lock)
        {
            if (!_writers.TryGetValue(directory, out StoreWriter? writer) && _isStarted && !_isStopped)
            {
                var store = new ZoneStore(directory);
                try
                {
                    store.Prepare();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    SecondaryLog.NotKept(_context.Logger, zone.Origin.ToString(), directory, e.Message);
                }

                _writers[directory] = writer = new StoreWriter(store, _context);
            }

            return writer;
        }
    }

    /// <summary>Who is there, for those that must not wait for a lock.</summary>
    private sealed class Snapshot(IReadOnlyCollection<SecondaryZone> zones)
    {
        public ZoneTable Table { get; } = new([.. zones.Select(z => z.Served)]);

        public DnsNameTable<SecondaryZone> ByName { get; } = new([.. zones.Select(z => KeyValuePair.Create(z.Origin, z))]);
    }
}
