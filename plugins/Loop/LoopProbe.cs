using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MiniDns.Client;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Loop;

/// <summary>Asks each upstream of the block for a random name once it is there, and again and again while it sends queries back.</summary>
internal sealed class LoopProbe(LoopWatch watch, TimeProvider time, UpstreamRandom random) : IServerComponent
{
    private const int Attempts = 30;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _changed = new(1);
    private readonly Dictionary<IUpstreamLink, (int Attempts, long Next)> _links = [];
    private Task _probing = Task.CompletedTask;

    /// <summary>Those whose upstreams are looked at.</summary>
    public IReadOnlyList<IUpstreamGroup> Groups { get; set; } = [];

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (IUpstreamGroup group in Groups)
        {
            group.Changed += OnChange;
        }

        _probing = Task.Run(RunAsync, CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IUpstreamGroup group in Groups)
        {
            group.Changed -= OnChange;
        }

        await _stopping.CancelAsync();
        await _probing;
        _stopping.Dispose();
        _changed.Dispose();
    }

    private void OnChange()
    {
        try
        {
            _changed.Release();
        }
        catch (ObjectDisposedException)
        {
            // The server stops.
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                TimeSpan? pause = await RoundAsync();
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                Task next = pause is { } length ? Task.Delay(length, time, waiting.Token) : Task.Delay(Timeout.Infinite, waiting.Token);
                await Task.WhenAny(next, _changed.WaitAsync(waiting.Token));
                await waiting.CancelAsync();
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Probes those upstreams whose time has come.</summary>
    /// <returns>When to look again; null when nothing is left to find out.</returns>
    private async Task<TimeSpan?> RoundAsync()
    {
        HashSet<IUpstreamLink> present = [];
        List<Task> probes = [];
        long now = time.GetTimestamp();
        foreach (IUpstreamGroup group in Groups)
        {
            foreach (IUpstreamLink link in group.Upstreams.Where(present.Add))
            {
                (int attempts, long next) = _links.GetValueOrDefault(link, (0, now));
                if (next <= now && TryName(group, out DnsName? name))
                {
                    probes.Add(ProbeAsync(link, name, attempts));
                }
            }
        }

        foreach (IUpstreamLink gone in _links.Keys.Except(present).ToArray())
        {
            _links.Remove(gone);
        }

        await Task.WhenAll(probes);
        long earliest = _links.Values.Select(l => l.Next).DefaultIfEmpty(long.MaxValue).Min();
        if (earliest == long.MaxValue)
        {
            return null;
        }

        TimeSpan left = time.GetElapsedTime(time.GetTimestamp(), earliest);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task ProbeAsync(IUpstreamLink link, DnsName name, int attempts)
    {
        LoopSighting sighting = watch.Expect(name, link);
        bool isAnswered = false;
        try
        {
            isAnswered = await link.AskAsync(name, DnsRecordType.HINFO, _stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            watch.Conclude(sighting, isAnswered);
        }

        // No answer may mean that the upstream, or we ourselves, are not there yet.
        TimeSpan? pause = link.IsOff ? BetweenChecks : !isAnswered && attempts + 1 < Attempts ? BetweenAttempts : null;
        long next = pause is { } wait ? time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency) : long.MaxValue;
        lock (_links)
        {
            _links[link] = (attempts + 1, next);
        }
    }

    /// <summary>A random name that the group would send on and that comes back to this block: below the zone of the one that lies in the other's.</summary>
    private bool TryName(IUpstreamGroup group, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        foreach (DnsName zone in group.Zones)
        {
            DnsName? lower = zone.View.IsSubdomainOf(watch.Zone.View) ? zone : watch.Zone.View.IsSubdomainOf(zone.View) ? watch.Zone : null;

            // The zone's name may be so long that nothing random fits in front of it.
            if (lower is not null && DnsName.TryParse($"{Label()}.{Label()}", lower, out name, out _))
            {
                return true;
            }
        }

        return false;
    }

    private string Label()
    {
        ulong number = 0;
        for (int i = 0; i < 4; i++)
        {
            number = (number << 16) | random.Next();
        }

        return (number >> 2).ToString(CultureInfo.InvariantCulture);
    }
}
