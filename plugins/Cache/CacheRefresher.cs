using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>Asks again for entries, one question at a time for each and a bounded number in all.</summary>
/// <remarks>Its questions go to what comes after the cache: they are no client's, and are neither logged nor counted as one.</remarks>
internal sealed class CacheRefresher(IDnsHandler next, IQueryRunner queries, CacheKeeper keeper, UpstreamRecovery recovery, CacheMetrics metrics, CacheOptions options, TimeProvider time, ILogger log)
{
    /// <summary>The most questions under way at a time.</summary>
    internal const int Limit = 1000;

    private readonly long _staleRetry = (long)(options.FailureRecheck.TotalSeconds * time.TimestampFrequency);
    private int _underWay;

    /// <summary>Begins to refresh an entry, unless that is under way, failed a moment ago, or too many others are.</summary>
    /// <param name="query">A query that was answered from the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="isStale">True when the entry has expired: only a response that says whether the name exists replaces it.</param>
    public void Start(DnsQuery query, CacheEntry entry, bool isStale)
    {
        if (!TryBegin(query, entry, isStale, out _))
        {
            return;
        }

        if (TryRent(query) is not { } asking)
        {
            entry.EndRefresh(long.MinValue);
            return;
        }

        metrics.Of(query).Prefetches.Increment();
        ValueTask<bool> pending = AskAsync(asking, entry, isStale);
        if (pending.IsCompletedSuccessfully)
        {
            _ = pending.Result;
            Return(asking);
        }
        else
        {
            _ = ReturnLaterAsync(pending, asking);
        }
    }

    /// <summary>Begins to refresh an entry, unless that is under way or failed a moment ago. An expired one is asked for again even though
    /// the last question is under way, twice a second: the servers may be back, and that question has no way to know. One that failed before
    /// they were found to be back is asked for at once.</summary>
    /// <param name="query">A query for the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="isStale">True when the entry has expired.</param>
    /// <param name="isFirst">True when no other question is under way.</param>
    public bool TryBegin(DnsQuery query, CacheEntry entry, bool isStale, out bool isFirst)
    {
        // A pause that ends before this began before the servers came back.
        long recoveredAt = isStale && _staleRetry > 0 ? recovery.At : long.MinValue;
        long pausedUntil = recoveredAt == long.MinValue ? recoveredAt : recoveredAt + _staleRetry;
        return entry.TryBeginRefresh(query.ReceivedAt, isStale ? time.TimestampFrequency / 2 : long.MaxValue / 2, pausedUntil, out isFirst);
    }

    /// <summary>Takes a query that asks for an entry; give it back with <see cref="Return"/>.</summary>
    /// <param name="query">A query for the entry.</param>
    /// <returns>Null when too many are under way, or the query is nested too deep.</returns>
    public DnsQuery? TryRent(DnsQuery query)
    {
        if (query.Depth < IQueryRunner.MaxDepth)
        {
            if (Interlocked.Increment(ref _underWay) <= Limit)
            {
                DnsQuery asking = queries.Rent(query, query.LowerName, query.Type);
                asking.ReceivedAt = query.ReceivedAt;
                asking.Zone = query.Zone;
                asking.SetFlags((ushort)(asking.Header.Flags | DnsHeader.AuthenticDataFlag));
                return asking;
            }

            Interlocked.Decrement(ref _underWay);
            metrics.Of(query).RefreshesSkipped.Increment();
        }

        return null;
    }

    /// <summary>Asks, and keeps the response; ends the refresh that the entry was told about. Never throws.</summary>
    /// <returns>True when the entry is replaced, or found to be out of date.</returns>
    public async ValueTask<bool> AskAsync(DnsQuery asking, CacheEntry entry, bool isStale)
    {
        bool isRefreshed = false;
        try
        {
            ulong nameHash = asking.NameHash;
            ulong selector = CacheKey.SelectorOf(asking.Type, asking.Class, asking.DnssecOk, asking.Header.CheckingDisabled);
            if (await next.HandleAsync(asking).ConfigureAwait(false) == DnsOutcome.Replied && selector == entry.Selector)
            {
                KeptResponse kept = keeper.Keep(asking, nameHash, selector, isRefresh: true);
                isRefreshed = kept.IsRefresh;
                if (kept.Entry is { } fresh)
                {
                    fresh.ContinueUsesOf(entry);
                    asking.Response.UseImage(fresh, TtlMode.Replace, fresh.Lifetime);
                }
            }
        }
        catch (Exception e)
        {
            CacheLog.RefreshThrew(log, NameOf(asking), e);
        }

        // An entry that is still good is asked for once a second at most; for an expired one the directive says.
        long pause = isStale ? _staleRetry : time.TimestampFrequency;
        entry.EndRefresh(isRefreshed || pause == 0 ? long.MinValue : time.GetTimestamp() + pause);
        return isRefreshed;
    }

    /// <summary>Gives a query back.</summary>
    public void Return(DnsQuery asking)
    {
        queries.Return(asking);
        Interlocked.Decrement(ref _underWay);
    }

    private static string NameOf(DnsQuery asking) => asking.AskedName.ToString();

    private async Task ReturnLaterAsync(ValueTask<bool> pending, DnsQuery asking)
    {
        await pending.ConfigureAwait(false);
        Return(asking);
    }
}
