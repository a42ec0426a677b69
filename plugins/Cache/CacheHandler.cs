using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>Answers from the store what it can, and lets the rest of the chain answer the rest.</summary>
internal sealed class CacheHandler : IDnsHandler
{
    private const ushort StaleAnswer = 3;           // INFO-CODEs of RFC 8914 §4
    private const ushort CachedError = 13;
    private const ushort StaleNameError = 19;

    private readonly IDnsHandler _next;
    private readonly CacheOptions _options;
    private readonly CacheTable _success;
    private readonly CacheTable _denial;
    private readonly CacheKeeper _keeper;
    private readonly CacheRefresher _refresher;
    private readonly CacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _frequency;
    private readonly long _staleSeconds;
    private readonly long _prefetchGap;
    private readonly bool _isForEveryName;

    /// <summary>Makes the handler.</summary>
    /// <param name="next">The rest of the chain.</param>
    /// <param name="store">Where responses are kept.</param>
    /// <param name="keeper">Decides what is kept.</param>
    /// <param name="refresher">Asks again for what expires.</param>
    /// <param name="metrics">Takes the counts.</param>
    /// <param name="options">What the directive says.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isForEveryName">True when every query that comes here is of the options' zones.</param>
    public CacheHandler(
        IDnsHandler next,
        CacheStore store,
        CacheKeeper keeper,
        CacheRefresher refresher,
        CacheMetrics metrics,
        CacheOptions options,
        TimeProvider time,
        bool isForEveryName)
    {
        _next = next;
        _success = store.Success;
        _denial = store.Denial;
        _keeper = keeper;
        _refresher = refresher;
        _metrics = metrics;
        _options = options;
        _time = time;
        _frequency = time.TimestampFrequency;
        _staleSeconds = (long)options.StaleFor.TotalSeconds;
        _prefetchGap = (long)(options.PrefetchGap.TotalSeconds * _frequency);
        _isForEveryName = isForEveryName;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR || !(_isForEveryName || IsBelowAny(query.LowerName, _options.Zones)))
        {
            return _next.HandleAsync(query);
        }

        _metrics.Requests.Increment();
        var key = CacheKey.Of(query);
        CacheEntry? entry = Find(key, query.ReceivedAt, out long remaining);
        if (entry is null)
        {
            _metrics.Misses.Increment();
            return ResolveMissAsync(query, query.NameHash, key.Selector);
        }

        (entry.Kind <= ResponseKind.Referral ? _metrics.SuccessHits : _metrics.DenialHits).Increment();
        entry.MarkUsed();
        if (remaining <= 0)
        {
            return HandleStaleAsync(query, entry);
        }

        if (_options.PrefetchAmount > 0
            && entry.CountUse(query.ReceivedAt, _prefetchGap) >= _options.PrefetchAmount
            && remaining <= PrefetchThreshold(entry))
        {
            _refresher.Start(query, entry, isStale: false);
        }

        Answer(query, entry, _options.KeepTtl ? entry.Lifetime : (uint)remaining);
        if (entry.Kind == ResponseKind.Failure && query.Edns.IsPresent)
        {
            query.Response.AddExtendedError(CachedError, default);
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static void Answer(DnsQuery query, CacheEntry entry, uint ttl)
    {
        query.Response.UseImage(entry, TtlMode.Replace, ttl);
        Finish(query);
    }

    /// <summary>Makes the response of an entry, or of the chain, fit this client's query.</summary>
    private static void Finish(DnsQuery query)
    {
        // An image begins with the question that it answers. When a handler before this one changed the question, that is
        // not the asked one, and the records go out one by one.
        if (query.Response.Image is not null && !query.AskedName.Equals(query.LowerName))
        {
            query.Response.TryMaterialize();
        }

        HideAuthenticData(query);
    }

    /// <summary>AD is for those who asked for it, by DO or by AD (RFC 6840 §5.7, §5.8).</summary>
    private static void HideAuthenticData(DnsQuery query)
    {
        if (!query.DnssecOk && !query.Header.AuthenticData)
        {
            query.Response.Flags &= ~DnsResponseFlags.AuthenticData;
        }
    }

    /// <summary>True when a name is one of some zones or lies below one.</summary>
    internal static bool IsBelowAny(DnsNameView name, IReadOnlyList<DnsName> zones)
    {
        for (int i = 0; i < zones.Count; i++)
        {
            if (name.IsSubdomainOf(zones[i].View))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds what to answer with: fresh, or expired and not for too long.</summary>
    /// <param name="key">The question.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="remaining">The seconds that are left; zero or less for an expired entry.</param>
    private CacheEntry? Find(in CacheKey key, long now, out long remaining)
    {
        CacheEntry? success = _success.Find(key);
        long successRemaining = 0;
        if (success is not null)
        {
            if (_options.PreferPositive && _staleSeconds > 0 && (success.IsAnswer ? success : success.LastAnswer) is { } answer)
            {
                remaining = Remaining(answer, now);
                if (remaining > -_staleSeconds)
                {
                    return answer;
                }
            }

            successRemaining = Remaining(success, now);
            if (successRemaining > 0 && !_options.PreferPositive)
            {
                // A denial that is kept beside it is a failure, or would have replaced it.
                remaining = successRemaining;
                return success;
            }
        }

        // An entry may be served for as long as it lives, and then while serve_stale allows.
        bool successIsOfUse = success is not null && (successRemaining > 0 || successRemaining > -_staleSeconds);
        if (_denial.Find(key) is { } denial)
        {
            remaining = Remaining(denial, now);
            bool isFailure = denial.Kind == ResponseKind.Failure;
            if (remaining > 0 ? !(isFailure && successIsOfUse) : !isFailure && !successIsOfUse && remaining > -_staleSeconds)
            {
                return denial;
            }
        }

        remaining = successRemaining;
        return successIsOfUse ? success : null;
    }

    private long Remaining(CacheEntry entry, long now)
    {
        long elapsed = Math.Max(0, now - entry.StoredAt);

        // The usual clock counts nanoseconds, and dividing by a constant is several times faster.
        long seconds = _frequency == 1_000_000_000 ? elapsed / 1_000_000_000 : elapsed / _frequency;
        return entry.Lifetime - seconds;
    }

    private long PrefetchThreshold(CacheEntry entry) => Math.Max(1, ((entry.Lifetime * (long)_options.PrefetchPercentage) + 99) / 100);

    /// <summary>Asks the rest of the chain. Every miss comes through here: the place to join misses of the same question.</summary>
    private ValueTask<DnsOutcome> ResolveMissAsync(DnsQuery query, ulong nameHash, ulong selector)
    {
        ValueTask<DnsOutcome> rest = _next.HandleAsync(query);
        return rest.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Resolved(query, nameHash, selector, rest.Result))
            : FinishAsync(query, nameHash, selector, rest);
    }

    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, ulong nameHash, ulong selector, ValueTask<DnsOutcome> rest) =>
        Resolved(query, nameHash, selector, await rest.ConfigureAwait(false));

    private DnsOutcome Resolved(DnsQuery query, ulong nameHash, ulong selector, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Replied)
        {
            // The client gets the TTLs that the next one will see counting down.
            if (_keeper.Keep(query, nameHash, selector, isRefresh: false).Entry is { } entry)
            {
                query.Response.UseImage(entry, TtlMode.Replace, entry.Lifetime);
            }

            Finish(query);
        }

        return outcome;
    }

    private ValueTask<DnsOutcome> HandleStaleAsync(DnsQuery query, CacheEntry entry)
    {
        if (!_options.VerifyStale)
        {
            _refresher.Start(query, entry, isStale: true);
            return new ValueTask<DnsOutcome>(ServeStale(query, entry));
        }

        return _options.FailureRecheck > TimeSpan.Zero && !entry.TryBeginRefresh(query.ReceivedAt)
            ? new ValueTask<DnsOutcome>(ServeStale(query, entry))
            : _options.VerifyTimeout > TimeSpan.Zero ? VerifyWithinAsync(query, entry) : VerifyAsync(query, entry);
    }

    private DnsOutcome ServeStale(DnsQuery query, CacheEntry entry)
    {
        _metrics.ServedStale.Increment();
        query.ClearFailure();
        Answer(query, entry, _options.StaleTtl);
        if (query.Edns.IsPresent)
        {
            query.Response.AddExtendedError(entry.Kind == ResponseKind.NameError ? StaleNameError : StaleAnswer, default);
        }

        return DnsOutcome.Replied;
    }

    /// <summary>Asks with the client's own query, however long it takes.</summary>
    private async ValueTask<DnsOutcome> VerifyAsync(DnsQuery query, CacheEntry entry)
    {
        bool isRefreshed = false;
        ulong nameHash = query.NameHash;
        try
        {
            DnsOutcome outcome = await _next.HandleAsync(query).ConfigureAwait(false);
            if (outcome == DnsOutcome.Replied)
            {
                KeptResponse kept = _keeper.Keep(query, nameHash, entry.Selector, isRefresh: true);
                isRefreshed = kept.IsRefresh;
                if (isRefreshed && kept.Entry is { } fresh)
                {
                    fresh.ContinueUsesOf(entry);
                    query.Response.UseImage(fresh, TtlMode.Replace, fresh.Lifetime);
                }
            }
        }
        finally
        {
            if (_options.FailureRecheck > TimeSpan.Zero)
            {
                _refresher.End(entry, isRefreshed, isStale: true);
            }
        }

        if (!isRefreshed)
        {
            return ServeStale(query, entry);
        }

        Finish(query);
        return DnsOutcome.Replied;
    }

    /// <summary>Asks with a query of its own and waits for a while; what comes later is still kept.</summary>
    private async ValueTask<DnsOutcome> VerifyWithinAsync(DnsQuery query, CacheEntry entry)
    {
        if (_refresher.TryRent(query, entry, isBegun: _options.FailureRecheck > TimeSpan.Zero) is not { } asking)
        {
            return ServeStale(query, entry);
        }

        Task<bool> refresh = _refresher.AskAsync(asking, entry, isStale: true, isBegun: _options.FailureRecheck > TimeSpan.Zero).AsTask();
        using var timeIsUp = new CancellationTokenSource();
        Task first = refresh.IsCompleted
            ? refresh
            : await Task.WhenAny(refresh, Task.Delay(_options.VerifyTimeout, _time, timeIsUp.Token)).ConfigureAwait(false);
        if (first != refresh)
        {
            _ = ReturnLaterAsync(refresh, asking);
            return ServeStale(query, entry);
        }

        await timeIsUp.CancelAsync().ConfigureAwait(false);
        bool isRefreshed = await refresh.ConfigureAwait(false);
        if (isRefreshed)
        {
            query.Response.CopyFrom(asking.Response);
            Finish(query);
        }

        _refresher.Return(asking);
        return isRefreshed ? DnsOutcome.Replied : ServeStale(query, entry);
    }

    private async Task ReturnLaterAsync(Task<bool> refresh, DnsQuery asking)
    {
        await refresh.ConfigureAwait(false);
        _refresher.Return(asking);
    }
}
