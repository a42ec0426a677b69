using System.Buffers.Binary;
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
    private readonly UpstreamRecovery _recovery;
    private readonly FlightTable _flights;
    private readonly Func<Flight, DnsOutcome, DnsOutcome> _landMiss;
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
    /// <param name="recovery">Says since when failures are worth asking again.</param>
    /// <param name="metrics">Takes the counts.</param>
    /// <param name="options">What the directive says.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isForEveryName">True when every query that comes here is of the options' zones.</param>
    public CacheHandler(
        IDnsHandler next,
        CacheStore store,
        CacheKeeper keeper,
        CacheRefresher refresher,
        UpstreamRecovery recovery,
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
        _recovery = recovery;
        _metrics = metrics;
        _flights = new FlightTable(metrics);
        _landMiss = LandMiss;
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

        CacheCounters counters = _metrics.Of(query);
        counters.Requests.Increment();
        var key = CacheKey.Of(query);
        CacheEntry? entry = Find(key, query.ReceivedAt, out long remaining);
        if (entry is null)
        {
            counters.Misses.Increment();
            return ResolveMissAsync(query, key);
        }

        (entry.Kind <= ResponseKind.Referral ? counters.SuccessHits : counters.DenialHits).Increment();
        entry.MarkUsed();
        if (remaining <= 0)
        {
            return HandleStaleAsync(query, entry, key);
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
            if (remaining > 0 ? !isFailure || (!successIsOfUse && denial.StoredAt > _recovery.At) : !isFailure && !successIsOfUse && remaining > -_staleSeconds)
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

    /// <summary>Asks the rest of the chain, or waits for somebody who does.</summary>
    private ValueTask<DnsOutcome> ResolveMissAsync(DnsQuery query, in CacheKey key)
    {
        if (_flights.Board(query, key, out ValueTask<DnsOutcome> joined) is not { } flight)
        {
            return joined;
        }

        // Between the look and the boarding, a flight with the answer may have landed.
        if (Find(key, query.ReceivedAt, out long remaining) is { } entry && remaining > 0)
        {
            Answer(query, entry, _options.KeepTtl ? entry.Lifetime : (uint)remaining);
            LandWith(flight, entry, DnsOutcome.Replied);
            return EndedAsync(flight, DnsOutcome.Replied);
        }

        // AD asks the servers behind for their verdict (RFC 6840 §5.7): it is kept, and shown to those who ask for it.
        query.SetFlags((ushort)(flight.AskedFlags | DnsHeader.AuthenticDataFlag));
        ValueTask<DnsOutcome> rest;
        try
        {
            rest = _next.HandleAsync(query);
        }
        catch
        {
            _flights.Crash(flight);
            query.SetFlags(flight.AskedFlags);
            _flights.Return(flight);
            throw;
        }

        return rest.IsCompletedSuccessfully ? EndedAsync(flight, LandMiss(flight, rest.Result)) : flight.WaitAsync(rest, _landMiss);
    }

    private ValueTask<DnsOutcome> EndedAsync(Flight flight, DnsOutcome outcome)
    {
        _flights.Return(flight);
        return new ValueTask<DnsOutcome>(outcome);
    }

    /// <summary>Keeps what the rest of the chain said, and makes the replies of the query that asked and of those that wait for it.</summary>
    private DnsOutcome LandMiss(Flight flight, DnsOutcome outcome)
    {
        DnsQuery query = flight.Leader!;
        query.SetFlags(flight.AskedFlags);
        CacheEntry? entry = null;
        if (outcome == DnsOutcome.Replied)
        {
            // The client gets the TTLs that the next one will see counting down.
            entry = _keeper.Keep(query, flight.NameHash, flight.Selector, isRefresh: false).Entry;
            if (entry is not null)
            {
                DnsResponseFlags asItCame = query.Response.Flags & DnsResponseFlags.Authoritative;
                query.Response.UseImage(entry, TtlMode.Replace, entry.Lifetime);
                query.Response.Flags |= asItCame;
            }
        }

        LandWith(flight, entry, outcome);
        if (outcome == DnsOutcome.Replied)
        {
            Finish(query);
        }

        return outcome;
    }

    /// <summary>Ends a flight of a client's query: everybody who waits gets what the leader got.</summary>
    private void LandWith(Flight flight, CacheEntry? entry, DnsOutcome outcome)
    {
        DnsQuery leader = flight.Leader!;
        leader.Wait = null;
        for (FlightWaiter? waiter = _flights.Land(flight); waiter is not null;)
        {
            FlightWaiter current = waiter;
            waiter = waiter.Next;       // read first: completing it gives it back to the pool
            if (leader.IsForOneClient)
            {
                // Another client may have to get another answer.
                _ = AskAloneAsync(current);
                continue;
            }

            if (outcome == DnsOutcome.Replied)
            {
                TryShare(leader.Response, entry, current.Query);
            }

            current.Complete(outcome);
        }
    }

    private async Task AskAloneAsync(FlightWaiter waiter)
    {
        DnsQuery query = waiter.Query;
        DnsOutcome outcome;
        try
        {
            outcome = await _next.HandleAsync(query).ConfigureAwait(false);
        }
        catch (Exception)
        {
            outcome = query.Reply(DnsResponseCode.ServerFailure);
        }

        waiter.Complete(outcome);
    }

    /// <summary>One response that cannot be copied must not keep the others from theirs.</summary>
    private static void TryShare(DnsResponse response, CacheEntry? entry, DnsQuery query)
    {
        try
        {
            Share(response, entry, query);
        }
        catch (InvalidOperationException)
        {
            query.Reply(DnsResponseCode.ServerFailure);
        }
    }

    /// <summary>Gives a query the response that was made for another one with the same question.</summary>
    private static void Share(DnsResponse response, CacheEntry? entry, DnsQuery query)
    {
        if (entry is not null)
        {
            query.Response.UseImage(entry, TtlMode.Replace, entry.Lifetime);
        }
        else
        {
            query.Response.CopyRecordsFrom(response);
        }

        ShareExtendedErrors(response.Options, query.Response);
        Finish(query);
    }

    /// <summary>Of the EDNS options in a response, only what tells about a failure concerns other clients.</summary>
    private static void ShareExtendedErrors(ReadOnlySpan<byte> options, DnsResponse response)
    {
        while (options.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if ((EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(options) == EdnsOptionCode.ExtendedError)
            {
                response.AddOption(EdnsOptionCode.ExtendedError, options.Slice(4, length));
            }

            options = options[(4 + length)..];
        }
    }

    private ValueTask<DnsOutcome> HandleStaleAsync(DnsQuery query, CacheEntry entry, in CacheKey key)
    {
        if (_options.VerifyStale)
        {
            return VerifyAsync(query, entry, key);
        }

        _refresher.Start(query, entry, isStale: true);
        return new ValueTask<DnsOutcome>(ServeStale(query, entry));
    }

    private DnsOutcome ServeStale(DnsQuery query, CacheEntry entry)
    {
        _metrics.Of(query).ServedStale.Increment();
        query.ClearFailure();
        Answer(query, entry, _options.StaleTtl);
        if (query.Edns.IsPresent)
        {
            query.Response.AddExtendedError(entry.Kind == ResponseKind.NameError ? StaleNameError : StaleAnswer, default);
        }

        return DnsOutcome.Replied;
    }

    /// <summary>Asks with a query of the cache's own, once at a time for each entry, and lets clients wait for it for a while.</summary>
    private ValueTask<DnsOutcome> VerifyAsync(DnsQuery query, CacheEntry entry, in CacheKey key)
    {
        if (!_refresher.TryBegin(query, entry, isStale: true, out bool isFirst))
        {
            // Somebody asks already, has asked for longer than clients may wait, or failed a moment ago.
            return _flights.TryJoin(query, key, out ValueTask<DnsOutcome> joined) ? joined : new ValueTask<DnsOutcome>(ServeStale(query, entry));
        }

        if (!query.MayWait || _refresher.TryRent(query) is not { } asking)
        {
            entry.EndRefresh(long.MinValue);
            return new ValueTask<DnsOutcome>(ServeStale(query, entry));
        }

        // When one question is under way, clients wait for that one as long as they may, and nobody for the next.
        Flight? flight = isFirst ? _flights.Launch(asking, key) : null;
        ValueTask<bool> refresh = _refresher.AskAsync(asking, entry, isStale: true);
        if (!refresh.IsCompletedSuccessfully)
        {
            ValueTask<DnsOutcome> waiting = default;
            bool waits = flight is null ? _flights.TryJoin(query, key, out waiting) : _flights.TryJoin(query, flight, out waiting);
            ITimer? timer = flight is not null && _options.VerifyTimeout > TimeSpan.Zero
                ? _time.CreateTimer(_ => LandVerified(flight, entry, null), null, _options.VerifyTimeout, Timeout.InfiniteTimeSpan)
                : null;
            _ = VerifyLaterAsync(flight, entry, asking, refresh, timer);
            return waits ? waiting : new ValueTask<DnsOutcome>(ServeStale(query, entry));
        }

        bool isRefreshed = refresh.Result;
        if (flight is not null)
        {
            LandVerified(flight, entry, isRefreshed ? asking.Response : null);
        }

        if (isRefreshed)
        {
            Share(asking.Response, null, query);
        }

        _refresher.Return(asking);
        return new ValueTask<DnsOutcome>(isRefreshed ? DnsOutcome.Replied : ServeStale(query, entry));
    }

    private async Task VerifyLaterAsync(Flight? flight, CacheEntry entry, DnsQuery asking, ValueTask<bool> refresh, ITimer? timer)
    {
        bool isRefreshed = await refresh.ConfigureAwait(false);
        if (flight is not null)
        {
            LandVerified(flight, entry, isRefreshed ? asking.Response : null);
        }

        if (timer is not null)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        _refresher.Return(asking);
    }

    /// <summary>Ends a flight of the cache's own query, if it has not ended: everybody who waits gets what came, or the expired entry.</summary>
    private void LandVerified(Flight flight, CacheEntry stale, DnsResponse? response)
    {
        for (FlightWaiter? waiter = _flights.Land(flight); waiter is not null;)
        {
            FlightWaiter current = waiter;
            waiter = waiter.Next;
            if (response is null)
            {
                ServeStale(current.Query, stale);
            }
            else
            {
                TryShare(response, null, current.Query);
            }

            current.Complete(DnsOutcome.Replied);
        }
    }
}
