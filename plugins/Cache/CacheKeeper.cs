using System.Buffers;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>Decides which responses are kept, for how long and where, and keeps them.</summary>
internal sealed class CacheKeeper(CacheStore store, CacheMetrics metrics, TimeProvider time)
{
    private readonly CacheOptions _options = store.Options;

    /// <summary>Keeps a query's response if it should be.</summary>
    /// <param name="query">The query with the chain's response.</param>
    /// <param name="nameHash">The hash of the name as it was when the query came to the cache.</param>
    /// <param name="selector">Type, class, DO and CD as they were when the query came to the cache.</param>
    /// <param name="isRefresh">True when there is an entry for the same question: a failure is then not kept.</param>
    public KeptResponse Keep(DnsQuery query, ulong nameHash, ulong selector, bool isRefresh)
    {
        DnsResponse response = query.Response;
        if (query.IsForOneClient
            || (response.Flags & (DnsResponseFlags.Truncated | DnsResponseFlags.NoSuchName)) != 0
            || response.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError or DnsResponseCode.ServerFailure or DnsResponseCode.NotImplemented)
            || (isRefresh && response.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError)))
        {
            return default;
        }

        // A handler that changes the question changes it back; if one did not, nobody knows what the response answers.
        if (query.NameHash != nameHash || (response.Form == ResponseForm.Wire && !IsAnswerTo(query.LowerName, response.WireMessage)))
        {
            metrics.Of(query).Drops.Increment();
            return default;
        }

        byte[] scratch = ArrayPool<byte>.Shared.Rent(DnsQuery.MaxMessageSize);
        DnsResponseFlags flags = response.Flags;
        try
        {
            // What is remembered of another server's zone is not authoritative (RFC 1035 §4.1.1).
            response.Flags = (flags & DnsResponseFlags.Forwarded) != 0 ? flags & ~DnsResponseFlags.Authoritative : flags;
            return ResponseEncoder.TryEncodeForKeeping(query, scratch, out int length)
                ? Keep(scratch.AsSpan(0, length), query.LowerName, selector, isRefresh)
                : default;
        }
        finally
        {
            response.Flags = flags;
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>True when a message's question has a name, whatever its case.</summary>
    private static bool IsAnswerTo(DnsNameView name, ReadOnlySpan<byte> message) =>
        DnsNameView.TryRead(message[DnsHeader.Size..], out DnsNameView answered) && answered.Equals(name);

    private KeptResponse Keep(ReadOnlySpan<byte> message, DnsNameView asked, ulong selector, bool isRefresh)
    {
        var traits = ResponseTraits.Of(message, selector, (uint)time.GetUtcNow().ToUnixTimeSeconds());
        bool isSuccess = traits.Kind is ResponseKind.Positive or ResponseKind.Referral;
        bool replaces = isRefresh && traits.Kind != ResponseKind.NotKept && (!_options.PreferPositive || traits.AnswersQuestion);
        uint lifetime = traits.Kind == ResponseKind.Failure ? (uint)_options.FailureTtl.TotalSeconds
            : (isSuccess ? _options.Success : _options.Denial).Clamp(traits.Ttl);
        var name = new DnsNameView(message.Slice(DnsHeader.Size, asked.Length));
        if (traits.Kind == ResponseKind.NotKept
            || lifetime == 0
            || CacheHandler.IsBelowAny(name, isSuccess ? _options.SuccessExcept : _options.DenialExcept))
        {
            return new KeptResponse(null, replaces);
        }

        var key = new CacheKey(name, name.Hash, selector);
        long now = time.GetTimestamp();
        CacheEntry? lastAnswer = null;
        if (isSuccess && _options.PreferPositive && !traits.AnswersQuestion && store.Success.Find(key) is { } previous)
        {
            lastAnswer = previous.IsAnswer ? previous : previous.LastAnswer;
        }

        if (!CacheEntry.TryCreate(message, key, traits, lifetime, now, lastAnswer, out CacheEntry? entry))
        {
            return new KeptResponse(null, replaces);
        }

        (isSuccess ? store.Success : store.Denial).Add(entry, now);
        if (isSuccess)
        {
            if (!_options.PreferPositive || entry.IsAnswer)
            {
                store.Denial.Remove(key);
            }
        }
        else if (traits.Kind != ResponseKind.Failure && !_options.PreferPositive)
        {
            store.Success.Remove(key);
        }

        return new KeptResponse(entry, replaces);
    }
}
