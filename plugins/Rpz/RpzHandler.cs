using MiniDns.Plugins;
using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Answers as policy zones want it: looks at the question, and on the way back at the answer, wherever it came from.</summary>
/// <remarks>A query that no rule holds for, and whose answer comes from memory, allocates nothing.</remarks>
internal sealed class RpzHandler : IDnsHandler
{
    /// <summary>The most aliases of one answer that are followed.</summary>
    internal const int MaxAliases = 16;

    private readonly RpzZone[] _zones;
    private readonly RpzOptions _options;
    private readonly NameListFiles? _allowed;
    private readonly ClientGroups<ulong> _groups;
    private readonly QuerySlot<bool> _exempt;
    private readonly RpzMeter _meter;
    private readonly AnswerRewriter _rewriter;
    private readonly ServerFinder _servers;
    private readonly IDnsHandler _next;

    /// <summary>Makes a handler.</summary>
    /// <param name="options">What the directive says.</param>
    /// <param name="zones">The zones, in the order of precedence.</param>
    /// <param name="allowed">The names that no policy holds for; null for none.</param>
    /// <param name="queries">Asks the server for what local data leads to.</param>
    /// <param name="exempt">Marks those questions: what a policy says is not subject to policy.</param>
    /// <param name="meter">Counts and tells.</param>
    /// <param name="next">The rest of the chain.</param>
    public RpzHandler(RpzOptions options, RpzZone[] zones, NameListFiles? allowed, IQueryRunner queries, QuerySlot<bool> exempt, RpzMeter meter, IDnsHandler next)
    {
        _options = options;
        _zones = zones;
        _allowed = allowed;
        _groups = new ClientGroups<ulong>(ulong.MaxValue, options.Groups.SelectMany(g => g.Networks.Select(n => (n, g.Zones))));
        _exempt = exempt;
        _meter = meter;
        _rewriter = new AnswerRewriter(queries, exempt);
        _servers = new ServerFinder(zones, queries, next);
        _next = next;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Class != DnsRecordClass.IN || query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR || (query.Depth > 0 && query.Slot(_exempt)))
        {
            return _next.HandleAsync(query);
        }

        ulong zones = _groups.Of(query.Client);
        if (zones == 0 || IsAllowed(query.LowerName, query.NameHash))
        {
            return _next.HandleAsync(query);
        }

        PolicyMatch match = FindClient(query, zones);
        PolicyMatch byName = FindName(query, query.LowerName, query.NameHash, zones, match);
        match = byName.IsFound ? byName : match;
        if (match.IsFound && !HasToWait(query, zones, match.Zone))
        {
            return ActAsync(query, match, query.LowerName, stage: 0, hasAnswer: false);
        }

        ValueTask<DnsOutcome> pending = _next.HandleAsync(query);
        return pending.IsCompletedSuccessfully ? LookAsync(query, zones, match, pending.Result) : AwaitAsync(query, zones, match, pending);
    }

    private async ValueTask<DnsOutcome> AwaitAsync(DnsQuery query, ulong zones, PolicyMatch match, ValueTask<DnsOutcome> pending) =>
        await LookAsync(query, zones, match, await pending.ConfigureAwait(false)).ConfigureAwait(false);

    private bool IsAllowed(DnsNameView name, ulong hash) => _allowed is not null && _allowed.Store.Find(name, hash) != 0;

    /// <summary>The first zone that has a rule for the client.</summary>
    private PolicyMatch FindClient(DnsQuery query, ulong zones)
    {
        for (int i = 0; i < _zones.Length; i++)
        {
            if ((zones >> i & 1) != 0 && _zones[i].Current is { } version && version.Count(PolicyTrigger.ClientIp) > 0
                && version.Find(PolicyTrigger.ClientIp, PolicyNetwork.BitsOf(query.Client), out PolicyNetwork network) is { } rule
                && Counts(query, PolicyMatch.ByAddress(i, version, rule, PolicyTrigger.ClientIp, network), query.LowerName))
            {
                return PolicyMatch.ByAddress(i, version, rule, PolicyTrigger.ClientIp, network);
            }
        }

        return default;
    }

    /// <summary>The first zone that has a rule for a name, unless another match comes before it.</summary>
    private PolicyMatch FindName(DnsQuery query, DnsNameView name, ulong hash, ulong zones, in PolicyMatch before)
    {
        int end = before.IsFound ? before.Zone : _zones.Length;
        for (int i = 0; i < end; i++)
        {
            if ((zones >> i & 1) != 0 && _zones[i].Current is { } version
                && version.Find(PolicyTrigger.Qname, name, hash, out int length) is { } rule)
            {
                PolicyMatch match = PolicyMatch.ByName(i, version, rule, PolicyTrigger.Qname, length);
                if (Counts(query, match, name))
                {
                    return match;
                }
            }
        }

        return default;
    }

    /// <summary>Tells of a match in a zone that is only watched.</summary>
    /// <returns>True when the match counts.</returns>
    private bool Counts(DnsQuery query, in PolicyMatch match, DnsNameView name)
    {
        RpzZone zone = _zones[match.Zone];
        if (zone.Options.IsDisabled)
        {
            _meter.Note(query, zone, match, PolicyAction.Disabled, name);
        }

        return !zone.Options.IsDisabled;
    }

    /// <summary>True when the answer has to be known although the question has a match: a zone that comes before may have a rule for it.</summary>
    private bool HasToWait(DnsQuery query, ulong zones, int zone)
    {
        if (_options.WaitsForAnswer || (query.DnssecOk && !_options.BreaksDnssec))
        {
            return true;
        }

        for (int i = 0; i < zone; i++)
        {
            if ((zones >> i & 1) != 0 && _zones[i].Current is { LooksAtAnswers: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at the answer.</summary>
    private ValueTask<DnsOutcome> LookAsync(DnsQuery query, ulong zones, in PolicyMatch match, DnsOutcome outcome)
    {
        if (outcome != DnsOutcome.Replied || (!_options.BreaksDnssec && query.DnssecOk && AnswerRecords.IsSigned(query.Response)))
        {
            return new ValueTask<DnsOutcome>(outcome);
        }

        for (int i = 0; i < _zones.Length; i++)
        {
            if ((zones >> i & 1) != 0 && _zones[i].Current is { LooksAtServers: true })
            {
                return LookAtServersAsync(query, zones, match);
            }
        }

        PolicyMatch found = match;
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength + 1];
        Span<byte> target = stackalloc byte[DnsNameView.MaxLength + 1];
        query.LowerName.Wire.CopyTo(name);
        int length = query.LowerName.Length;
        for (int stage = 0; stage <= MaxAliases; stage++)
        {
            found = LookAtStage(query, zones, found, new DnsNameView(name[..length]), stage, target, out int targetLength, out bool isAllowed);
            if (found.IsFound || targetLength == 0 || isAllowed)
            {
                break;
            }

            target[..targetLength].CopyTo(name);
            length = targetLength;
        }

        return found.IsFound ? ActAtAsync(query, found, new DnsNameView(name[..length])) : new ValueTask<DnsOutcome>(outcome);
    }

    /// <summary>Looks at one name of a chain of aliases, without its name servers.</summary>
    /// <param name="query">The query.</param>
    /// <param name="zones">The zones that count.</param>
    /// <param name="match">What was found before the answer was there.</param>
    /// <param name="name">The name.</param>
    /// <param name="stage">The number of aliases before it.</param>
    /// <param name="target">Takes what it is an alias of.</param>
    /// <param name="targetLength">The target's length, 0 for none.</param>
    /// <param name="isAllowed">True when no policy holds from here on.</param>
    private PolicyMatch LookAtStage(DnsQuery query, ulong zones, PolicyMatch match, DnsNameView name, int stage, Span<byte> target, out int targetLength, out bool isAllowed)
    {
        targetLength = AnswerRecords.FindAlias(query.Response, name, target);
        isAllowed = false;
        if (stage > 0)
        {
            ulong hash = name.Hash;
            isAllowed = IsAllowed(name, hash);
            if (isAllowed)
            {
                return default;
            }

            match = FindName(query, name, hash, zones, default);
        }

        if (targetLength > 0)
        {
            return match;
        }

        int end = match.IsFound ? match.Zone : _zones.Length;
        for (int i = 0; i < end; i++)
        {
            if ((zones >> i & 1) != 0 && _zones[i].Current is { } version && version.Count(PolicyTrigger.ResponseIp) > 0)
            {
                PolicyMatch found = AnswerRecords.FindAddress(query.Response, i, version, PolicyTrigger.ResponseIp);
                if (found.IsFound && Counts(query, found, name))
                {
                    return found;
                }
            }
        }

        return match;
    }

    private async ValueTask<DnsOutcome> LookAtServersAsync(DnsQuery query, ulong zones, PolicyMatch match)
    {
        byte[] name = query.LowerName.Wire.ToArray();
        byte[] target = new byte[DnsNameView.MaxLength + 1];
        PolicyMatch found = match;
        for (int stage = 0; stage <= MaxAliases; stage++)
        {
            found = LookAtStage(query, zones, found, new DnsNameView(name), stage, target, out int targetLength, out bool isAllowed);
            if (isAllowed)
            {
                break;
            }

            PolicyMatch byServer = await _servers.FindAsync(query, name, zones, found).ConfigureAwait(false);
            if (byServer.IsBefore(found))
            {
                found = byServer;
            }

            if (found.IsFound || targetLength == 0)
            {
                break;
            }

            name = target[..targetLength];
        }

        return found.IsFound ? await ActAtAsync(query, found, new DnsNameView(name)).ConfigureAwait(false) : DnsOutcome.Replied;
    }

    private ValueTask<DnsOutcome> ActAtAsync(DnsQuery query, in PolicyMatch match, DnsNameView name)
    {
        int stage = 0;
        Span<byte> at = stackalloc byte[DnsNameView.MaxLength + 1];
        Span<byte> target = stackalloc byte[DnsNameView.MaxLength + 1];
        query.LowerName.Wire.CopyTo(at);
        int length = query.LowerName.Length;
        while (stage < MaxAliases && !new DnsNameView(at[..length]).Equals(name))
        {
            length = AnswerRecords.FindAlias(query.Response, new DnsNameView(at[..length]), target);
            target[..length].CopyTo(at);
            stage++;
        }

        return ActAsync(query, match, name, stage, hasAnswer: true);
    }

    /// <summary>Does what a rule says.</summary>
    /// <param name="query">The query.</param>
    /// <param name="match">The rule.</param>
    /// <param name="name">The name that it is about.</param>
    /// <param name="stage">How many aliases of the answer stand before that name.</param>
    /// <param name="hasAnswer">True when the rest of the chain has answered.</param>
    private ValueTask<DnsOutcome> ActAsync(DnsQuery query, in PolicyMatch match, DnsNameView name, int stage, bool hasAnswer)
    {
        RpzZone zone = _zones[match.Zone];
        PolicyRule rule = zone.Apply(match.Rule);
        _meter.Note(query, zone, match, rule.Action, name);
        if (_groups.TellsApart || match.Trigger == PolicyTrigger.ClientIp)
        {
            // What another query of the server's makes of this answer is for this client only.
            query.KeepForClient();
        }

        switch (rule.Action)
        {
            case PolicyAction.Drop:
                return new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
            case PolicyAction.Passthru:
            case PolicyAction.TcpOnly when !IsOverUdp(query):
                return hasAnswer ? new ValueTask<DnsOutcome>(DnsOutcome.Replied) : _next.HandleAsync(query);
            default:
                return _rewriter.RewriteAsync(query, zone.Options, match.Version, rule, zone.ErrorText, stage);
        }
    }

    /// <summary>True when the client, or the client of the question that led to this one, asked over UDP.</summary>
    private static bool IsOverUdp(DnsQuery query)
    {
        DnsQuery client = query;
        for (int i = 0; i < IQueryRunner.MaxDepth && client.Parent is { } parent; i++)
        {
            client = parent;
        }

        return client.Transport == DnsTransport.Udp;
    }
}
