using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Counts matches, and tells of them where that is wanted.</summary>
internal sealed class RpzMeter(DnsServices services)
{
    private const string Matches = "minidns_rpz_matches_total";
    private const string MatchesHelp = "Queries that a policy record holds for, by zone, trigger and action.";

    private static readonly int Triggers = Enum.GetValues<PolicyTrigger>().Length;
    private static readonly int Actions = Enum.GetValues<PolicyAction>().Length;

    private readonly Lock _adding = new();
    private Dictionary<RpzZone, StripedCounter?[]> _counters = [];

    /// <summary>The log.</summary>
    public ILogger Logger { get; } = services.LoggerFor("rpz");

    /// <summary>Notes a match.</summary>
    /// <param name="query">The query.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="match">What matched.</param>
    /// <param name="action">What is done.</param>
    /// <param name="name">The name that it is about.</param>
    public void Note(DnsQuery query, RpzZone zone, in PolicyMatch match, PolicyAction action, DnsNameView name)
    {
        CounterOf(zone, match.Trigger, action).Increment();
        if (zone.Options.LogsMatches)
        {
            Span<byte> owner = stackalloc byte[2 * DnsNameView.MaxLength];
            RpzLog.Match(
                Logger,
                query.Client.ToString(),
                PolicyText.Of(match.Trigger),
                PolicyText.Of(action),
                name.ToString(),
                DnsTypeText.Format(query.Type),
                OwnerOf(match, name, owner).ToString());
        }
    }

    /// <summary>The owner of the record that matched.</summary>
    private static DnsNameView OwnerOf(in PolicyMatch match, DnsNameView name, Span<byte> owner)
    {
        int length;
        if (match.Trigger is not (PolicyTrigger.Qname or PolicyTrigger.Nsdname))
        {
            PolicyOwner.Write(match.Trigger, match.Network, match.Version.Origin.View, owner, out length);
        }
        else
        {
            ReadOnlySpan<byte> wire = match.Server ?? name.Wire;
            PolicyOwner.Write(match.Trigger, new DnsNameView(wire[^match.Length..]), wire.Length != match.Length, match.Version.Origin.View, owner, out length);
        }

        return new DnsNameView(owner[..length]);
    }

    private StripedCounter CounterOf(RpzZone zone, PolicyTrigger trigger, PolicyAction action)
    {
        int index = ((int)trigger * Actions) + (int)action;
        return Volatile.Read(ref _counters).TryGetValue(zone, out StripedCounter?[]? counters) && Volatile.Read(ref counters[index]) is { } counter
            ? counter
            : AddCounter(zone, trigger, action, index);
    }

    /// <summary>Most of what could be counted never occurs: counters are made when they are needed.</summary>
    private StripedCounter AddCounter(RpzZone zone, PolicyTrigger trigger, PolicyAction action, int index)
    {
        StripedCounter counter = services.Metrics.Counter(
            Matches,
            MatchesHelp,
            ("zone", zone.Options.Origin.ToString()),
            ("trigger", PolicyText.Of(trigger).ToLowerInvariant()),
            ("action", PolicyText.Of(action).ToLowerInvariant()));
        lock (_adding)
        {
            if (!_counters.TryGetValue(zone, out StripedCounter?[]? counters))
            {
                counters = new StripedCounter?[Triggers * Actions];
                Volatile.Write(ref _counters, new Dictionary<RpzZone, StripedCounter?[]>(_counters) { [zone] = counters });
            }

            Volatile.Write(ref counters[index], counter);
        }

        return counter;
    }
}
